import { PassThrough } from 'node:stream';
import { JsonLogger, type LogLevel } from './logging';

function logged(level: LogLevel, write: (logger: JsonLogger) => void): Record<string, unknown>[] {
  const out = new PassThrough();
  write(new JsonLogger(level, out));
  const text = (out.read() as Buffer | null)?.toString('utf8') ?? '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('a log line', () => {
  it('is one JSON object with time, level, who says it, and the fields', () => {
    const lines = logged('info', (logger) => logger.log({ message: 'batch landed', rows: 3 }, 'LandEventsService'));
    expect(lines).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
        level: 'info',
        context: 'LandEventsService',
        message: 'batch landed',
        rows: 3,
      },
    ]);
  });

  it('is one line, whatever line breaks the message holds', () => {
    expect(logged('info', (logger) => logger.log('two\nlines'))).toMatchObject([{ message: 'two\nlines' }]);
  });

  it.each([
    ['debug', ['debug', 'debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ] as const)('at level %s is written from that level on', (level, expected) => {
    const lines = logged(level, (logger) => {
      logger.verbose('a');
      logger.debug('b');
      logger.log('c');
      logger.warn('d');
      logger.error('e');
    });
    expect(lines.map((line) => line['level'])).toEqual(expected);
  });

  it("of Nest's own start, route by route, is for debugging", () => {
    const write = (logger: JsonLogger) => logger.log('Mapped {/v1/events, POST} route', 'RouterExplorer');
    expect(logged('info', write)).toEqual([]);
    expect(logged('debug', write)).toMatchObject([{ level: 'debug', context: 'RouterExplorer' }]);
  });

  it('of a chatty part is still written when it warns', () => {
    expect(logged('info', (logger) => logger.warn('twice the same route', 'RouterExplorer'))).toHaveLength(1);
  });

  it("of an error has Nest's context, not the stack, and what went wrong", () => {
    const [line] = logged('info', (logger) =>
      logger.error(new TypeError('no such column'), 'TypeError: no such column\n  at x', 'ExceptionsHandler'),
    );
    expect(line).toMatchObject({ level: 'error', context: 'ExceptionsHandler' });
    expect(JSON.stringify(line)).toContain('no such column');
    expect(JSON.stringify(line)).not.toContain('at x');
  });
});
