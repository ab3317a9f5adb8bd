import { join } from 'node:path';

const MAIN = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

/** The files that Compose takes in a folder when none is named: the first of the usual names, and what lies over it. None: an empty list. */
export async function usualFiles(
  folder: string,
  exists: (path: string) => Promise<boolean>,
): Promise<readonly string[]> {
  for (const name of MAIN) {
    const main = join(folder, name);
    if (!(await exists(main))) continue;
    for (const end of ['yaml', 'yml']) {
      const over = main.replace(/\.ya?ml$/, `.override.${end}`);
      if (await exists(over)) return [main, over];
    }
    return [main];
  }
  return [];
}
