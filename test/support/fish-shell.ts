import { execFile } from 'node:child_process';
import { copyFile, mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { theLab } from './own-engine.ts';
import { librariesOf, shellFolder } from './shell.ts';

const run = promisify(execFile);

/** A real fish, whose `complete -C` says what Tab would offer. */
export interface FishShell extends AsyncDisposable {
  readonly folder: string;
  /** What Tab would offer behind that line, each with its meaning where there is one. */
  tab(line: string): Promise<ReadonlyMap<string, string>>;
}

/** The lab’s fish, which looks for what belongs to it beside the folder of its program: that is no link, its other folders are. */
export async function fishShell(variables: Readonly<Record<string, string>> = {}): Promise<FishShell> {
  const { installed } = await theLab();
  const { folder, environment } = await shellFolder(variables);
  const root = join(installed.folder, 'root');
  const at = (...path: string[]): string => join(folder, '.fish', ...path);
  for (const name of ['bin', 'share', 'etc', 'home']) await mkdir(at(name), { recursive: true });
  await copyFile(join(root, 'usr/bin/fish'), at('bin/fish'));
  await symlink(join(root, 'usr/share/fish'), at('share/fish'));
  await symlink(join(root, 'etc/fish'), at('etc/fish'));
  return {
    folder,
    tab: async (line) => {
      const { stdout } = await run(
        at('bin/fish'),
        ['--no-config', '-c', 'berth completion fish | source; complete -C $argv[1]', line],
        {
          cwd: folder,
          env: {
            ...environment,
            HOME: at('home'),
            LD_LIBRARY_PATH: librariesOf(installed),
            LC_ALL: 'C.UTF-8',
          },
        },
      );
      const lines = stdout.split('\n').filter(Boolean);
      return new Map(lines.map((each) => [each.split('\t')[0] ?? '', each.split('\t')[1] ?? '']));
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
