import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually } from './eventually.ts';
import { theLab } from './own-engine.ts';
import { librariesOf, shellFolder } from './shell.ts';

/** A real zsh at a terminal, with its own completion system. */
export interface ZshShell extends AsyncDisposable {
  readonly folder: string;
  /** Type that line and Tab: what the line is then, and what was shown below it. */
  tab(line: string): Promise<{ readonly line: string; readonly shown: string }>;
}

/** Without the system’s own places for them: the lab’s zsh is unpacked elsewhere. */
const placesIn = (root: string): string => `module_path=(${root}/usr/lib/*/zsh/*(/))
fpath=(${root}/usr/share/zsh/functions/*(/) ${root}/usr/share/zsh/functions/Completion/*(/))
`;

/** Ctrl-T tells the line, and empties it: typed behind Tab, it is read when the completion is done. */
const SETTINGS = `PS1='> '
setopt no_beep
zstyle ':completion:*' list-max-items 1000
autoload -Uz compinit && compinit -u -D
source <(berth completion zsh)
tell-line() { print -r -- "line=[$BUFFER]"; BUFFER=''; zle reset-prompt }
zle -N tell-line
bindkey '^T' tell-line
echo ready-$((40+2))
`;

export async function zshShell(variables: Readonly<Record<string, string>> = {}): Promise<ZshShell> {
  const { installed } = await theLab();
  const { folder, environment } = await shellFolder(variables);
  const home = join(folder, '.zsh');
  await mkdir(home);
  await writeFile(join(home, '.zshenv'), placesIn(join(installed.folder, 'root')));
  await writeFile(join(home, '.zshrc'), SETTINGS);
  const zsh = spawn(
    'script',
    ['-qfec', `stty cols 150 rows 100; exec ${join(installed.bin, 'zsh')} -i`, '/dev/null'],
    {
      cwd: folder,
      env: {
        ...environment,
        ...{ HOME: home, ZDOTDIR: home, LD_LIBRARY_PATH: librariesOf(installed) },
        ...{ LC_ALL: 'C.UTF-8', TERM: 'xterm' },
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const ended = once(zsh, 'close');
  let shown = '';
  zsh.stdout.on('data', (part: Buffer) => {
    shown += part.toString();
  });
  await eventually(() => expect(shown).toContain('ready-42'));
  return {
    folder,
    tab: async (line) => {
      shown = '';
      zsh.stdin.write(`${line}\t\x14`);
      const told = await eventually(() => {
        const found = /line=\[(.*?)\]/.exec(shown);
        expect(shown).toMatch(/line=\[(.*?)\]/);
        return found;
      });
      return { line: told?.[1] ?? '', shown: shown.slice(0, told?.index) };
    },
    [Symbol.asyncDispose]: async () => {
      zsh.stdin.end('\x15exit\n');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
