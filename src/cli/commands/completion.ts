import { Argument, type Command } from 'commander';
import { SCRIPTS, SHELLS, type Shell } from '../completion/scripts.ts';
import type { Context } from '../context.ts';

/** `berth completion bash | zsh | fish` */
export function addCompletion(program: Command, { io }: Context): void {
  program
    .command('completion')
    .description('Print what makes a shell complete commands, options and names at Tab.')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .addHelpText(
      'after',
      '\nExamples:\n  eval "$(berth completion bash)"                                  in ~/.bashrc\n  berth completion zsh > "${fpath[1]}/_berth"\n  berth completion fish > ~/.config/fish/completions/berth.fish',
    )
    .action((shell: Shell) => io.out(SCRIPTS[shell]));
}
