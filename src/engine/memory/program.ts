import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import { commandWords } from '../../plan/command-words.ts';

/** One thing that a container of the memory engine does, after the one before. */
export type Step =
  | { readonly does: 'write'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  /** Milliseconds; Infinity: until it is stopped. */
  | { readonly does: 'sleep'; readonly ms: number }
  /** Nothing, with a status. */
  | { readonly does: 'leave'; readonly status: number }
  | { readonly does: 'exit'; readonly status: number }
  /** Run what is not there. */
  | { readonly does: 'miss'; readonly path: string };

const FOREVER: Step = { does: 'sleep', ms: Number.POSITIVE_INFINITY };
const MOST_LINES = 100_000;
/** The commands of a script, apart at what ends one outside quotes. */
const COMMANDS = /(?:'[^']*'|"[^"]*"|[^;\n'"])+/g;

/**
 * What a spec’s command does here: `sleep`, `echo`, `printf`, `seq`, `true`, `false`, `tail -f /dev/null`, and `sh -c` with those
 * and `exit N` in a row, each with `>&2` if need be; no command at all runs until it is stopped; `/nonexistent` is not there.
 * Throws unsupported for all that only a real process could do.
 */
export function programOf({ command, args, entrypoint, health_check }: ContainerSpec): readonly Step[] {
  if (entrypoint !== undefined || health_check !== undefined) throw cannot('an entrypoint or a health check');
  const given = command ?? args ?? [];
  const words = typeof given === 'string' ? commandWords(given) : given;
  if (words.length === 0) return [FOREVER];
  const [name, option, script, ...rest] = words;
  if (name === 'sh' && option === '-c' && script !== undefined && rest.length === 0)
    return (script.match(COMMANDS) ?? []).flatMap(scripted);
  return simple(words, 'stdout') ?? unknown(words);
}

function scripted(text: string): readonly Step[] {
  const [, said = '', redirected] = /^\s*(?:exec\s+)?(.*?)\s*(>&2)?\s*$/s.exec(text) ?? [];
  if (said === '') return [];
  const exit = /^exit (\d{1,3})$/.exec(said)?.[1];
  if (exit !== undefined) return [{ does: 'exit', status: Number(exit) % 256 }];
  const words = commandWords(said);
  return simple(words, redirected === undefined ? 'stdout' : 'stderr') ?? unknown(words);
}

function simple(words: readonly string[], stream: 'stdout' | 'stderr'): readonly Step[] | undefined {
  const [name = '', ...args] = words;
  const line = args.join(' ');
  const write = (text: string): readonly Step[] => [{ does: 'write', stream, text }];
  if (name === 'true') return [{ does: 'leave', status: 0 }];
  if (name === 'false') return [{ does: 'leave', status: 1 }];
  if (name === 'echo' && !line.startsWith('-')) return write(`${line}\n`);
  if (name === 'printf' && args.length === 1 && !/^-|[%\\]/.test(line)) return write(line);
  if (name === 'seq') return sequence(args, write);
  if (name === 'tail' && line === '-f /dev/null') return [FOREVER];
  if (/^\/nonexistent(\/|$)/.test(name)) return [{ does: 'miss', path: name }];
  const seconds = line === 'infinity' ? Number.POSITIVE_INFINITY : Number(line || Number.NaN);
  return name === 'sleep' && seconds >= 0 ? [{ does: 'sleep', ms: seconds * 1000 }] : undefined;
}

/** `seq LAST` and `seq FIRST LAST`. */
function sequence(
  args: readonly string[],
  write: (text: string) => readonly Step[],
): readonly Step[] | undefined {
  if (args.length < 1 || args.length > 2 || args.some((one) => !/^\d{1,9}$/.test(one))) return undefined;
  const [first, last] = args.length === 1 ? [1, Number(args[0])] : [Number(args[0]), Number(args[1])];
  if (last - first >= MOST_LINES) return undefined;
  return write(Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => `${first + at}\n`).join(''));
}

function unknown(words: readonly string[]): never {
  throw cannot(`\`${words.join(' ').slice(0, 200)}\``);
}

function cannot(what: string): ContractError {
  return new ContractError(
    'unsupported',
    `the memory engine runs no processes, so it cannot do ${what}; it knows sleep, echo, printf, seq, true, false, and \`sh -c\` with those and \`exit N\``,
  );
}
