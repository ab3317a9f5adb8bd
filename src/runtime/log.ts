import { destination, type Logger, pino, stdTimeFunctions } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What every room logs through: pino’s, so that an application may hand in its own. */
export type Log = Pick<Logger, 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'child'>;

/** JSON lines to stderr; passwords and tokens are never written. */
export function createLog(level: LogLevel, fields: Readonly<Record<string, unknown>> = {}): Log {
  return pino(
    {
      level,
      base: fields,
      timestamp: stdTimeFunctions.isoTime,
      serializers: { error: pino.stdSerializers.err },
      redact: {
        paths: [
          'auth',
          '*.auth',
          'password',
          '*.password',
          '*.token',
          'headers.authorization',
          'headers["x-registry-auth"]',
        ],
        censor: '[hidden]',
      },
    },
    destination({ fd: 2, sync: true }),
  );
}

/** One that says nothing. */
export function silentLog(): Log {
  return pino({ level: 'silent' });
}
