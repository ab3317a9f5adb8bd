import { createHash } from 'node:crypto';
import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import type { ContainerParts } from '../containers/parts.ts';
import { engineIdOf, presentRow } from '../containers/present-row.ts';

const KEEP_MS = 7 * 86_400_000;

/** Written once under one `operation_id`: that it will be written is stored before, that it was after. */
export function stdin(parts: ContainerParts): Handlers<typeof containers>['stdin'] {
  return async ({ container_id: ref, data: text = '', bytes, end = false, operation_id }, { signal }) => {
    const row = await presentRow(ref, parts, signal);
    const data = bytes === undefined ? Buffer.from(text) : Buffer.from(bytes, 'base64');
    const engine_id = await engineIdOf(row, parts, signal);
    const dispatch = operation_id === undefined ? undefined : dispatched(row, operation_id, data, end, parts);
    try {
      await parts.sessions.inputs.write({ engine_id, name: row.name, data, end }, signal, dispatch?.begin);
      const duplicate = dispatch?.duplicate() ?? false;
      if (operation_id !== undefined && !duplicate) parts.store.inputs.deliver(operation_id);
      return { container_id: row.id, written: data.length, duplicate };
    } finally {
      dispatch?.over();
    }
  };
}

export function stdinStatus({
  store,
  sessions,
}: ContainerParts): Handlers<typeof containers>['stdin_status'] {
  return async ({ operation_id }) => {
    const row = store.inputs.get(operation_id);
    if (row === undefined)
      throw new ContractError('not_found', `no input was sent as ${operation_id}`, {
        next: 'It was never sent, or is forgotten: names of input are kept for a week.',
      });
    const { container_id, state, created_at } = row;
    return {
      operation_id,
      container_id,
      state: state === 'dispatched' && !sessions.writing.has(operation_id) ? 'uncertain' : state,
      sent_at: new Date(created_at).toISOString(),
    };
  };
}

function dispatched(
  row: ContainerRow,
  id: string,
  data: Buffer,
  end: boolean,
  { store, clock, sessions }: ContainerParts,
): { readonly begin: () => boolean; readonly duplicate: () => boolean; readonly over: () => void } {
  const digest = createHash('sha256')
    .update(end ? 'end' : 'open')
    .update(data)
    .digest('hex');
  let duplicate = false;
  let begun = false;
  return {
    duplicate: () => duplicate,
    over: () => {
      if (begun) sessions.writing.delete(id);
    },
    begin: () => {
      const was = store.inputs.dispatch({ id, container_id: row.id, digest }, clock.now(), KEEP_MS);
      if (was === 'other')
        throw new ContractError('invalid_input', `${id} was the name of other input`, {
          problems: [{ path: 'operation_id', message: 'used before with another container or other data' }],
        });
      if (was === 'dispatched')
        throw new ContractError(
          'wrong_state',
          `Berth ended, or the connection broke, while ${id} was being written to ${row.name}: whether it arrived is not known, and it is not written again`,
          { next: 'Look at what came of it; to write it again, use another `operation_id`.' },
        );
      duplicate = was === 'delivered';
      begun = !duplicate;
      if (begun) sessions.writing.add(id);
      return !duplicate;
    },
  };
}
