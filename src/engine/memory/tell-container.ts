import { imageOf } from '../../plan/mentioned.ts';
import { labelsOf } from './observed.ts';
import { type MemoryContainer, tell, type World } from './world.ts';

/** Tell of a container as an engine does: with its image and its labels. */
export function tellContainer(
  world: World,
  action: string,
  container: MemoryContainer,
  more: Readonly<Record<string, string>> = {},
): void {
  const attributes = { ...labelsOf(container), image: imageOf(container.request.spec), ...more };
  tell(world, 'container', action, { id: container.id, name: container.name, attributes });
  for (const watcher of container.watchers) watcher();
}
