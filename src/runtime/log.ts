import { isatty } from 'node:tty';
import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino';
import { PinoPretty } from 'pino-pretty';

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

/** To stderr: JSON lines, or lines for people where that is a terminal; passwords and tokens are never written. */
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
    isatty(2) ? forPeople() : destination({ fd: 2, sync: true }),
  );
}

/** `14:03:07 WARN a worker ended  worker=…`; in colour unless NO_COLOR says otherwise. */
function forPeople(): DestinationStream {
  return PinoPretty({
    destination: 2,
    sync: true,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'pid,hostname',
  });
}

/** One that says nothing. */
export function silentLog(): Log {
  return pino({ level: 'silent' });
}
