import type { Handlers } from '../../../contracts/contract.ts';
import type { DiskKind, system } from '../../../contracts/system.ts';
import type { DiskItem, DiskUsage } from '../../../contracts/system-info.ts';
import { ownership } from '../../engine/labels.ts';
import type { ContainerParts } from '../containers/parts.ts';

export function diskUsage({
  engine,
  identity,
  store,
}: Pick<ContainerParts, 'engine' | 'identity' | 'store'>): Handlers<typeof system>['df'] {
  return async ({ details = false }, { signal }) => {
    const { layers_size, items: seen } = await engine.system.df(signal);
    const items = seen.map(({ labels, ...item }) => ({
      ...item,
      managed:
        item.kind === 'container'
          ? store.containers.byEngineId(item.id) !== undefined
          : item.kind === 'volume' && ownership(identity, 'volume', item.name, labels) === 'ours',
    }));
    return {
      image: totalOf(items, 'image'),
      container: totalOf(items, 'container'),
      volume: totalOf(items, 'volume'),
      build_cache: totalOf(items, 'build_cache'),
      layers_size,
      ...(details && { items: items.toSorted((one, other) => other.size - one.size) }),
    };
  };
}

function totalOf(items: readonly DiskItem[], kind: DiskKind): DiskUsage {
  const all = items.filter((item) => item.kind === kind);
  const sizeOf = (some: readonly DiskItem[]): number => some.reduce((sum, { size }) => sum + size, 0);
  return {
    count: all.length,
    active: all.filter(({ in_use }) => in_use).length,
    size: sizeOf(all),
    reclaimable: sizeOf(all.filter(({ in_use }) => !in_use)),
  };
}
