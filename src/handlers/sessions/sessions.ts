import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { ContainerParts } from '../containers/parts.ts';
import { engineIdOf, presentRow } from '../containers/present-row.ts';
import { attach } from './attach.ts';
import { exec } from './exec.ts';
import { stdin, stdinStatus } from './stdin.ts';

type Methods = Pick<
  Handlers<typeof containers>,
  'exec' | 'exec_inspect' | 'exec_resize' | 'stdin' | 'stdin_status' | 'attach' | 'resize'
>;

/** Talking with processes in containers. */
export function sessionHandlers(parts: ContainerParts): Methods {
  const { engine, store } = parts;
  const stateOf = async (exec_id: string, signal: AbortSignal) => {
    const state = await engine.sessions.state(exec_id, signal);
    if (state === undefined)
      throw new ContractError('not_found', `the engine knows no exec ${exec_id.slice(0, 12)}`, {
        next: 'It may have been forgotten with its container’s last run.',
      });
    return state;
  };
  return {
    exec: exec(parts),
    stdin: stdin(parts),
    stdin_status: stdinStatus(parts),
    attach: attach(parts),
    exec_inspect: async ({ exec_id }, { signal }) => {
      const { container_id, command, ...state } = await stateOf(exec_id, signal);
      const row = store.containers.byEngineId(container_id);
      return {
        ...state,
        command: [...command],
        container_id: row?.id ?? container_id,
        managed: row !== undefined,
      };
    },
    exec_resize: async ({ exec_id, columns, rows }, { signal }) => {
      const state = await stateOf(exec_id, signal);
      await presentRow(state.container_id, parts, signal);
      if (!state.tty) throw noTerminal(`exec ${exec_id.slice(0, 12)}`);
      await engine.sessions.resizeExec(exec_id, { columns, rows }, signal);
      return { exec_id: state.exec_id, columns, rows };
    },
    resize: async ({ id: ref, columns, rows }, { signal }) => {
      const row = await presentRow(ref, parts, signal);
      const engine_id = await engineIdOf(row, parts, signal);
      const seen = await engine.containers.inspect(engine_id, signal);
      if (seen !== undefined && !seen.tty) throw noTerminal(row.name);
      await engine.sessions.resize(engine_id, { columns, rows }, signal);
      return { id: row.id, columns, rows };
    },
  };
}

function noTerminal(what: string): ContractError {
  return new ContractError('unsupported', `${what} has no terminal`, { next: 'Make it with `tty: true`.' });
}
