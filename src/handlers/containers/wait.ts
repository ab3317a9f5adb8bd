import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import { findContainer } from './find-container.ts';
import type { ContainerParts } from './parts.ts';
import { refuseUnattended } from './settled.ts';
import { untilRow } from './until-row.ts';
import { whileEngineAnswers } from './while-engine-answers.ts';

/** A timer’s longest, 24 days: beyond it would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

type Wait = Handlers<typeof containers>['wait'];

/** Ours by their rows, which know of restarts that are due; those of others by the engine. */
export function wait(parts: ContainerParts): Wait {
  const { engine, store } = parts;
  return async ({ id: ref, timeout }, { signal }) => {
    const found = await findContainer(ref, parts, signal);
    const late =
      timeout === undefined
        ? new AbortController().signal
        : AbortSignal.timeout(Math.min(LONGEST_MS, Math.ceil(timeout * 1000)));
    const all = AbortSignal.any([signal, late]);
    try {
      if (found.kind === 'foreign') {
        const { exit_code } = await engine.containers.wait(found.seen.id, all);
        return { id: found.seen.id, status: 'stopped', finished: true, exit_code };
      }
      if (isFinished(found.row)) return answer(found.row, found.row, true);
      refuseUnattended(parts);
      const row = await whileEngineAnswers(parts, all, (ending) =>
        untilRow(found.row.id, isFinished, parts, ending),
      );
      return answer(found.row, row, true);
    } catch (error) {
      if (!late.aborted || signal.aborted) throw error;
      return found.kind === 'foreign'
        ? { id: found.seen.id, status: 'running', finished: false }
        : answer(found.row, store.containers.get(found.row.id), false);
    }
  };
}

/** Its stream was ended: no restart is due. */
function isFinished(row: ContainerRow | undefined): boolean {
  if (row === undefined || row.status === 'removed') return true;
  return (row.status === 'stopped' || row.status === 'failed') && row.completed;
}

function answer(
  before: ContainerRow,
  row: ContainerRow | undefined,
  finished: boolean,
): Awaited<ReturnType<Wait>> {
  const exit_code = row?.exit_code ?? null;
  return {
    id: before.id,
    status: row?.status ?? 'removed',
    finished,
    ...(exit_code !== null && { exit_code }),
  };
}
