import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';
import { describe } from './problem-details.filter';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Nest tells of every route and module at each start: that is for debugging. */
const CHATTY = new Set(['RouterExplorer', 'RoutesResolver', 'InstanceLoader', 'NestFactory', 'NestApplication']);

/** Nest's logger on pino: one JSON line each, on stderr, a constant phrase and fields. */
export class JsonLogger implements LoggerService {
  private readonly pino: Logger;

  constructor(level: LogLevel, destination: NodeJS.WritableStream = process.stderr) {
    this.pino = pino(
      {
        level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        messageKey: 'message',
        formatters: { level: (label) => ({ level: label }) },
      },
      destination,
    );
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  private write(level: 'debug' | 'info' | 'warn' | 'error', message: unknown, rest: readonly unknown[]): void {
    // Nest passes the context (the class that logs) last.
    const context = rest.at(-1);
    const isChatty = level === 'info' && typeof context === 'string' && CHATTY.has(context);
    this.pino[isChatty ? 'debug' : level]({ ...(typeof context === 'string' && { context }), ...fieldsOf(message) });
  }
}

// An error's own fields are not enumerable: spread into the line it would say nothing.
function fieldsOf(message: unknown): object {
  if (message instanceof Error) return { message: message.message, error: describe(message) };
  return typeof message === 'object' && message !== null ? message : { message };
}
