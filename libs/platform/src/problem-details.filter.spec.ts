import { BadRequestException, NotFoundException, ServiceUnavailableException } from '@nestjs/common';
import { problems } from './problem';
import { describe as described, toProblem } from './problem-details.filter';

const CANARY = 'the text of a conversation';

describe('a problem', () => {
  it.each([
    [problems.malformed('x'), 400, 'malformed'],
    [problems.badRequest('x'), 400, 'bad-request'],
    [problems.unauthenticated(), 401, 'unauthenticated'],
    [problems.forbidden('admin'), 403, 'forbidden'],
    [problems.notFound('x'), 404, 'not-found'],
    [problems.methodNotAllowed('x'), 405, 'method-not-allowed'],
    [problems.conflict('x'), 409, 'conflict'],
    [problems.tooLarge('x'), 413, 'too-large'],
    [problems.unsupported('x'), 415, 'unsupported-media-type'],
    [problems.invalid('x'), 422, 'invalid'],
    [problems.overQuota('x', 3), 429, 'over-quota'],
    [problems.unavailable('x'), 503, 'unavailable'],
  ])('%# says what it is, and is itself when it is thrown', (problem, status, type) => {
    expect(problem.toJson('request-1')).toMatchObject({
      type: `urn:watchkeeper:problem:${type}`,
      status,
      title: expect.any(String) as string,
      detail: expect.any(String) as string,
      requestId: 'request-1',
    });
    expect(toProblem(problem)).toBe(problem);
  });

  it('has a kind of its own in this table for every kind there is', () => {
    expect(Object.keys(problems)).toHaveLength(12);
  });

  it.each([problems.overQuota('x', 3), problems.unavailable('x')])(
    '%# that passes says when to come again',
    (problem) => {
      expect(problem.fields.retryAfterSeconds).toBeGreaterThanOrEqual(1);
      expect(problem.toJson()).toHaveProperty('retryAfter', problem.fields.retryAfterSeconds);
    },
  );
});

describe('an error that is no problem', () => {
  it.each([
    ['one that nobody expected', new TypeError(CANARY), 503],
    ['something that is no error', CANARY, 503],
    ['nothing', undefined, 503],
    ['one that says 5xx of itself', Object.assign(new Error(CANARY), { statusCode: 500 }), 503],
    ["Nest's 503", new ServiceUnavailableException(CANARY), 503],
    ["Nest's 404", new NotFoundException(CANARY), 404],
    ["Nest's 400", new BadRequestException(CANARY), 400],
    ['a body that is too large', Object.assign(new Error(CANARY), { statusCode: 413 }), 413],
    ['a media type that is not taken', Object.assign(new Error(CANARY), { statusCode: 415 }), 415],
    ['a method that is not known', Object.assign(new Error(CANARY), { statusCode: 405 }), 405],
  ])('is told in our words, never in its own: %s', (_, error, status) => {
    const problem = toProblem(error);
    expect(problem.fields.status).toBe(status);
    expect(JSON.stringify(problem.toJson())).not.toContain(CANARY);
    expect(problem.fields.retryAfterSeconds === undefined).toBe(status < 500);
  });

  it('is kept as the cause, for the log', () => {
    const error = new Error('the disk is full');
    expect(toProblem(error).cause).toBe(error);
  });
});

describe('an error in a log line', () => {
  it('is its name, message and code, and those of its causes', () => {
    const cause = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    expect(described(new Error('the log could not be written', { cause }))).toEqual({
      name: 'Error',
      message: 'the log could not be written',
      cause: { name: 'Error', message: 'no space left', code: 'ENOSPC' },
    });
  });

  it('is never what was thrown instead of an error', () => {
    expect(described(CANARY)).toEqual({ name: 'string' });
  });
});
