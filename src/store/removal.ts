import type { ContainerRow } from './container-row.ts';
import type { ChangeOfMind } from './store.ts';

type Removal = Required<Pick<ChangeOfMind, 'desired_state' | 'stop_timeout' | 'keep_volumes'>>;

/** Wanted removed, and how. What a second asking leaves out is as the first one said. */
export function removalOf(
  before: ContainerRow,
  how: { readonly stop_timeout?: number | undefined; readonly keep_volumes?: boolean | undefined },
): Removal {
  const isAgain = before.desired_state === 'removed';
  return {
    desired_state: 'removed',
    stop_timeout: how.stop_timeout ?? (isAgain ? before.stop_timeout : null),
    keep_volumes: how.keep_volumes ?? (isAgain && before.keep_volumes),
  };
}

/** Whether it is being removed just so already. */
export function isUnderWay(before: ContainerRow, removal: Removal): boolean {
  return (
    before.desired_state === 'removed' &&
    before.stop_timeout === removal.stop_timeout &&
    before.keep_volumes === removal.keep_volumes
  );
}
