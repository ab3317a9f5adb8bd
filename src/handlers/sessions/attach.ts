import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { ContainerParts } from '../containers/parts.ts';
import { engineIdOf, presentRow } from '../containers/present-row.ts';
import { attachSession } from './attach-session.ts';
import { detachKeys } from './detach-keys.ts';

/** Offers a session; what it will do is known before. */
export function attach(parts: ContainerParts): Handlers<typeof containers>['attach'] {
  return async (
    { id: ref, stdin, stdout = true, stderr = true, logs = false, size, detach_keys },
    { signal },
  ) => {
    const row = await presentRow(ref, parts, signal);
    const engine_id = await engineIdOf(row, parts, signal);
    const seen = await parts.engine.containers.details(engine_id, { size: false }, signal);
    if (seen === undefined) throw new ContractError('wrong_state', `the engine has no container ${row.name}`);
    if (seen.state !== 'running' && seen.state !== 'paused')
      throw new ContractError(
        'wrong_state',
        `${row.name} is ${seen.state}: there is no process to attach to`,
        {
          next: 'Start it with `berth start`, or read what it said with `berth logs`.',
        },
      );
    if (stdin && !seen.interactive)
      throw new ContractError(
        'unsupported',
        `${row.name} takes no input: it was made without \`interactive\``,
        {
          next: 'Attach without input, or make it with `interactive: true`.',
        },
      );
    const takes = stdin ?? seen.interactive;
    const { session_id } = parts.sessions.offers.offer((joined) =>
      attachSession(
        parts,
        {
          engine_id,
          name: row.name,
          tty: seen.tty,
          ...{ stdin: takes, stdout, stderr, logs },
          size,
          keys: detachKeys(detach_keys),
        },
        joined,
      ),
    );
    return {
      container_id: row.id,
      session_id,
      tty: seen.tty,
      stdin: takes,
      stdin_ends: takes && (seen.tty || seen.stdin_once),
    };
  };
}
