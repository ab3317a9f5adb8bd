import { holdCause } from '../registry/hold.ts';
import type { RegistryProblem } from '../registry/problem.ts';
import type { Scan } from '../registry/scan.ts';
import type { Store } from '../store/store.ts';

/** Make the rows of networks and volumes what a scan says. Those whose file cannot be read now stay. True when one changed. */
export function syncResources({ resources }: Store, scan: Scan, now: number): boolean {
  const before = JSON.stringify(resources.declared());
  const wanted = new Set(scan.resources.map(({ id }) => id));
  for (const row of resources.declared())
    if (row.wanted && !wanted.has(row.id) && holdCause(scan.hold, row) === undefined)
      resources.release(row.id, now);
  for (const { id, resource, resource_name, settings, file } of scan.resources)
    resources.put({ id, kind: resource, name: resource_name, settings, entry_source: file }, now);
  return JSON.stringify(resources.declared()) !== before;
}

/** What the engine has against what is declared, where it stands. */
export function resourceProblems({ resources }: Store, scan: Scan | undefined): readonly RegistryProblem[] {
  const lines = new Map(scan?.resources.map(({ id, line }) => [id, line]));
  return resources.declared().flatMap(({ id, wanted, reason, entry_source }) => {
    if (!wanted || reason === null) return [];
    const line = lines.get(id);
    return [
      {
        level: 'error' as const,
        code: reason.code,
        file: entry_source ?? '',
        ...(line !== undefined && { line, column: 1 }),
        entry: id,
        message: reason.message,
      },
    ];
  });
}
