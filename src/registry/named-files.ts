import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isGone } from './find-files.ts';

/** Folders that are listened to beside the roots; changes in further ones are seen when the registry is looked at again. */
const MOST_FOLDERS = 128;

/**
 * Calls `onEvent` when one of these files, which lie anywhere, may have changed: by way of its folder, so that one that is replaced, or
 * comes later, is heard too. A folder that is not there is passed by. Errors are told once.
 */
export function namedFileEvents(
  paths: readonly string[],
  onEvent: () => void,
  onError: (error: unknown) => void,
): { close(): void } {
  const watchers: FSWatcher[] = [];
  let told = false;
  const fail = (error: unknown): void => {
    if (!told) onError(error);
    told = true;
  };
  const folders = Map.groupBy(paths, (path) => dirname(path));
  for (const [folder, files] of [...folders].slice(0, MOST_FOLDERS)) {
    const names = new Set(files.map((file) => basename(file)));
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (name === null || names.has(name)) onEvent();
      });
      watcher.on('error', fail);
      watchers.push(watcher);
    } catch (error) {
      // One that is missing is looked for again with every look at the registry.
      if (!isGone(error)) fail(error);
    }
  }
  return {
    close: () => {
      for (const watcher of watchers) watcher.close();
    },
  };
}
