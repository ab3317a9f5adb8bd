import type { ContainerView } from '../../../contracts/container-view.ts';
import { printable } from '../printable.ts';
import { type Progress, progressOfAll, stateText } from './progress.ts';

const MARK: { readonly [P in Progress]: string } = { up: '✔', coming: '…', failed: '✘' };

/** Who waits for whom: below each container those that it waits for, each told once; what nobody waits for stands at the margin. */
export function dependencyTree(containers: readonly ContainerView[]): string {
  const byKey = new Map(containers.flatMap((view) => [[view.name, view] as const, [view.id, view] as const]));
  const needed = (view: ContainerView): readonly ContainerView[] =>
    (view.waits_for ?? []).flatMap((key) => byKey.get(key) ?? []);
  const awaited = new Set(containers.flatMap((view) => needed(view).map(({ id }) => id)));
  const progress = progressOfAll(containers);
  const told = new Set<string>();
  const lines: string[] = [];
  const tell = (view: ContainerView, first: string, rest: string): void => {
    const again = told.has(view.id);
    told.add(view.id);
    lines.push(
      `${first}${MARK[progress.get(view.id) ?? 'coming']} ${lineOf(view)}${again ? ', see above' : ''}`,
    );
    if (again) return;
    const below = needed(view);
    for (const [index, one] of below.entries()) {
      const last = index === below.length - 1;
      tell(one, `${rest}${last ? '└─ ' : '├─ '}`, `${rest}${last ? '   ' : '│  '}`);
    }
  };
  for (const view of containers) if (!awaited.has(view.id)) tell(view, '', '');
  // A ring has no beginning.
  for (const view of containers) if (!told.has(view.id)) tell(view, '', '');
  return lines.join('\n');
}

function lineOf(view: ContainerView): string {
  return `${printable(view.name)}  ${printable(stateText(view))}`;
}
