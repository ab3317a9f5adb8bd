import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import type { ContainerParts } from '../containers/parts.ts';
import { engineIdOf, presentRow } from '../containers/present-row.ts';
import { refuseUnattended, settled } from '../containers/settled.ts';
import { attachSession } from './attach-session.ts';
import { detachKeys } from './detach-keys.ts';

/** Offers a session; what it will do is known before. */
export function attach(parts: ContainerParts): Handlers<typeof containers>['attach'] {
  return async (
    { id: ref, stdin, stdout = true, stderr = true, logs = false, size, detach_keys, before_start = false },
    { signal },
  ) => {
    const row = await thereRow(ref, before_start, parts, signal);
    const engine_id = await engineIdOf(row, parts, signal);
    const seen = await parts.engine.containers.details(engine_id, { size: false }, signal);
    if (seen === undefined) throw new ContractError('wrong_state', `the engine has no container ${row.name}`);
    const early = before_start && seen.state === 'created';
    if (!early && seen.state !== 'running' && seen.state !== 'paused')
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
          row_id: row.id,
          engine_id,
          name: row.name,
          tty: seen.tty,
          ...{ stdin: takes, stdout, stderr, logs },
          size,
          keys: detachKeys(detach_keys),
          early,
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

/** One that is only to be made is waited for until it is. Throws why it could not be. */
async function thereRow(
  ref: string,
  before_start: boolean,
  parts: ContainerParts,
  signal: AbortSignal,
): Promise<ContainerRow> {
  const row = await presentRow(ref, parts, signal);
  if (!before_start || row.desired_state !== 'created' || row.engine_id !== null) return row;
  refuseUnattended(parts);
  return await settled(row, parts, signal);
}
