import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { theLab } from './own-engine.ts';

const run = promisify(execFile);

/** Docker's own Compose on an engine, in a folder. Throws with what it said when it fails. */
export async function dockerCompose(
  {
    host,
    folder,
    env = {},
  }: {
    readonly host: string;
    readonly folder: string;
    readonly env?: Readonly<Record<string, string>>;
  },
  ...words: readonly string[]
): Promise<string> {
  const { installed } = await theLab();
  try {
    const { stdout } = await run(join(installed.bin, 'docker-compose'), words, {
      cwd: folder,
      env: {
        ...process.env,
        ...env,
        DOCKER_HOST: host,
        LD_LIBRARY_PATH: installed.libraries,
        // The builder of the engine itself: no buildx is unpacked here.
        DOCKER_BUILDKIT: '1',
      },
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Error(`docker compose ${words.join(' ')}: ${said.slice(-3000)}`, { cause: error });
  }
}
