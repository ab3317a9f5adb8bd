import { ContractError } from '../../../contracts/contract-error.ts';
import type { FileCalls } from '../port/file-calls.ts';
import { pathSegment } from '../references.ts';

type Inspect = (ref: string, signal?: AbortSignal) => Promise<object | undefined>;

/** There are no files here: what a real engine refuses is refused, the rest is unsupported. */
export function fileCalls(inspect: Inspect): FileCalls {
  const none = async (ref: string, signal?: AbortSignal): Promise<never> => {
    if ((await inspect(pathSegment(ref), signal)) === undefined)
      throw new ContractError('not_found', `no container ${ref} on the engine`);
    throw new ContractError('unsupported', 'the containers of the memory engine have no files');
  };
  return {
    changes: none,
    stat: (ref, _path, signal) => none(ref, signal),
    read: (ref, _path, signal) => none(ref, signal),
    write: (ref, _path, _tar, _options, signal) => none(ref, signal),
    export: none,
    commit: (ref, _options, signal) => none(ref, signal),
  };
}
