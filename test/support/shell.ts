import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { InstalledEngine } from '../../src/private-engine/install-engine.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const run = promisify(execFile);

/** A folder with a `berth` in it that is first on the PATH of a real bash. */
export interface BashShell extends AsyncDisposable {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** What a script prints, by lines. */
  script(text: string): Promise<readonly string[]>;
  /** What Tab would offer behind that line. */
  tab(line: string): Promise<readonly string[]>;
}

/** Where the lab’s programs find their libraries, which some releases keep in /lib. */
export function librariesOf({ libraries }: InstalledEngine): string {
  return [libraries, libraries.replaceAll('/usr/lib/', '/lib/')].join(delimiter);
}

/** A temp folder with a `berth` in it, and the environment in which that is found first. */
export async function shellFolder(
  variables: Readonly<Record<string, string>>,
): Promise<Pick<BashShell, 'folder' | 'environment'>> {
  const folder = await mkdtemp(join(tmpdir(), 'shell-'));
  const berth = join(folder, 'berth');
  await writeFile(berth, `#!/bin/sh\nexec ${process.execPath} ${MAIN} "$@"\n`);
  await chmod(berth, 0o755);
  return {
    folder,
    environment: {
      ...process.env,
      ...variables,
      PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
    },
  };
}

export async function bashShell(variables: Readonly<Record<string, string>> = {}): Promise<BashShell> {
  const { folder, environment } = await shellFolder(variables);
  const script: BashShell['script'] = async (text) => {
    const { stdout } = await run('bash', ['--norc', '--noprofile', '-c', text], {
      cwd: folder,
      env: environment,
    });
    return stdout.split('\n').filter(Boolean);
  };
  return {
    folder,
    environment,
    script,
    tab: (line) =>
      script(
        `eval "$(berth completion bash)"; COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; _berth; printf '%s\\n' "\${COMPREPLY[@]}"`,
      ),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
