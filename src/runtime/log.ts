import { destination, type Logger, pino, stdTimeFunctions } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What every room logs through: pino’s, so that an application may hand in its own. */
export type Log = Pick<Logger, 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'child'>;

const SECRETS = ['auth', 'password', 'token', 'identitytoken', 'authorization', '["x-registry-auth"]'];
/** Wherever they stand, down to the third level. */
const HIDDEN = SECRETS.flatMap((name) => {
  const tail = name.startsWith('[') ? name : `.${name}`;
  return [name, `*${tail}`, `*.*${tail}`];
});

/** JSON lines to stderr; passwords and tokens are never written. */
export function createLog(level: LogLevel, fields: Readonly<Record<string, unknown>> = {}): Log {
  return pino(
    {
      level,
      base: fields,
      timestamp: stdTimeFunctions.isoTime,
      serializers: { error: pino.stdSerializers.err },
      redact: {
        paths: HIDDEN,
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
