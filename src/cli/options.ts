import { type Command, InvalidArgumentError, Option } from 'commander';

/** `--state`, `--engine` and `--json`, which almost every command takes. */
export function withPlace(command: Command): Command {
  return command
    .addOption(new Option('--state <folder>', 'state folder (default: the nearest .berth, or BERTH_STATE)'))
    .addOption(
      new Option(
        '--engine <url>',
        'engine to use, like unix:///var/run/docker.sock (default: DOCKER_HOST, the docker context, the usual sockets)',
      ),
    );
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON');
}

export interface PlaceOptions {
  readonly state?: string;
  readonly engine?: string;
  readonly json?: true;
}

/** A whole number ≥ `least`, or a usage error. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`A whole number from ${least} on is wanted.`);
    return value;
  };
}

/** Seconds, or a time like 1m30s, as the contracts take it. */
export function time(text: string): number | string {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
