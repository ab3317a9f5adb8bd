import type { Stats } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { watch } from 'chokidar';
import { isGone, isIndex, isSkipped } from './find-files.ts';
import { namedFileEvents } from './named-files.ts';

export interface FileEvents {
  close(): Promise<void>;
}

/**
 * Calls `onEvent` when something below the roots, or one of the named files, may have changed; which thing it does not say. An event may be lost, and a root
 * that goes and comes back is not watched any more. Errors (too many watches, say) are told once.
 */
export async function fileEvents(
  { roots, named: files }: { readonly roots: readonly string[]; readonly named: readonly string[] },
  onEvent: () => void,
  onError: (error: unknown) => void,
): Promise<FileEvents> {
  const named = new Set((await Promise.all(roots.map(real))).filter((path) => path !== undefined));
  const watcher = watch([...named], {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (path: string, stats?: Stats) => !named.has(path) && isIgnored(basename(path), stats),
  });
  let told = false;
  watcher.on('all', onEvent);
  // What happened while the watch was being set up came without an event.
  watcher.on('ready', onEvent);
  watcher.on('error', (error) => {
    if (!told) onError(error);
    told = true;
  });
  const others = namedFileEvents(files, onEvent, onError);
  return {
    close: () => {
      others.close();
      return watcher.close();
    },
  };
}

function isIgnored(name: string, stats: Stats | undefined): boolean {
  return isSkipped(name) || (stats?.isFile() === true && !isIndex(name) && name !== 'package.json');
}

async function real(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isGone(error)) return undefined;
    return path;
  }
}
