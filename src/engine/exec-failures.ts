import { ContractError } from '../../contracts/contract-error.ts';
import type { ExecState } from './port/session-calls.ts';

/** Exit codes of what could not be run, as shells and engines have them. */
const NOT_RUNNABLE = 126;
const NOT_FOUND = 127;

/**
 * Why a command could not be run at all; undefined when it was: a process there was once, whatever it ended with. `said` is
 * what the engine says in its place.
 */
export function unrunnable(
  { running, exit_code, pid, command }: ExecState,
  said: string,
): ContractError | undefined {
  if (running || pid !== undefined || (exit_code !== NOT_RUNNABLE && exit_code !== NOT_FOUND))
    return undefined;
  const words = said
    .replace(/^.*unable to start container process: /s, '')
    .replace(/: unknown\s*$/, '')
    .trim();
  // Engines have 126 for what is missing at an exact path, too; a missing working directory is no missing program.
  const missing = exit_code === NOT_FOUND || /executable file not found|stat \S+: no such file/.test(said);
  return new ContractError(
    missing ? 'command_not_found' : 'command_not_runnable',
    `\`${command[0] ?? ''}\` cannot be run: ${words === '' ? 'the engine does not say why' : words}`,
    { details: { exit_code: exit_code ?? null } },
  );
}
