import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem, problems } from './problem';

/** Every error leaves the house as problem+json; what nobody expected is 503 and is logged, once, here. */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemDetailsFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = toProblem(error);
    if (problem.fields.status >= 500) {
      this.logger.error({
        message: 'request failed',
        requestId: request.id,
        route: request.routeOptions?.url,
        error: describe(error),
      });
    }
    if (reply.sent || reply.raw.headersSent) return;
    sendProblem(reply, problem, request.id);
  }
}

export function sendProblem(reply: FastifyReply, problem: Problem, requestId: string): void {
  const { status, retryAfterSeconds } = problem.fields;
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  void reply
    .code(status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(problem.toJson(requestId)));
}

/** What the caller is told of any error. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof HttpException) return fromHttpStatus(error.getStatus(), error);
  const status = statusOf(error);
  if (status !== undefined && status >= 400 && status < 500) return fromHttpStatus(status, error);
  return problems.unavailable('the service could not do this just now; nothing of it was accepted', 1, error);
}

function fromHttpStatus(status: number, cause: unknown): Problem {
  switch (status) {
    case 404:
      return problems.notFound('there is no such resource');
    case 405:
      return problems.methodNotAllowed('this resource does not know the method');
    case 413:
      return problems.tooLarge('the body is larger than this route takes');
    case 415:
      return problems.unsupported('send application/json, application/x-ndjson or application/cloudevents+json');
    default:
      return status < 500
        ? new Problem(
            { status, type: 'bad-request', title: 'Bad request', detail: 'the request could not be read' },
            { cause },
          )
        : problems.unavailable('the service could not do this just now', 1, cause);
  }
}

function statusOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}

/** Code, name and message with its causes: errors of ours never carry the text of a conversation. */
export function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  return {
    name: error.name,
    message: error.message,
    ...('code' in error && { code: error.code }),
    ...(error.cause !== undefined && { cause: describe(error.cause) }),
  };
}
