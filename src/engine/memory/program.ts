import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import { commandWords } from '../../plan/command-words.ts';

/** What a container of the memory engine does: writes some lines, then ends after a time, or never. */
export interface Program {
  readonly lines: readonly string[];
  /** Milliseconds; undefined: until it is stopped. */
  readonly ends_after: number | undefined;
  readonly exit_code: number;
}

/** Read a spec’s command. Throws unsupported for all that only a real process could do. */
export function programOf({ command, args, entrypoint, health_check }: ContainerSpec): Program {
  const given = command ?? args ?? [];
  const [name, ...words] = typeof given === 'string' ? commandWords(given) : given;
  const ends = (exit_code: number, lines: readonly string[] = []): Program => ({
    lines,
    ends_after: 0,
    exit_code,
  });
  if (entrypoint !== undefined || health_check !== undefined) throw cannot('an entrypoint or a health check');
  const exit = /^exit (\d{1,3})$/.exec(words[1] ?? '')?.[1];
  if (name === undefined) return { lines: [], ends_after: undefined, exit_code: 0 };
  if (name === 'true') return ends(0);
  if (name === 'false') return ends(1);
  if (name === 'echo') return ends(0, [words.join(' ')]);
  if (name === 'sh' && words[0] === '-c' && exit !== undefined) return ends(Number(exit));
  const seconds = Number(words[0]);
  if (name === 'sleep' && words.length === 1 && seconds >= 0)
    return { lines: [], ends_after: seconds * 1000, exit_code: 0 };
  throw cannot(`\`${[name, ...words].join(' ')}\``);
}

function cannot(what: string): ContractError {
  return new ContractError(
    'unsupported',
    `the memory engine runs no processes, so it cannot do ${what}; it knows sleep, echo, true, false and \`sh -c 'exit N'\``,
  );
}
