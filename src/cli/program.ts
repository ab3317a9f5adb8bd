import { Command } from 'commander';
import { addAdopt } from './commands/adopt.ts';
import { addAttach } from './commands/attach.ts';
import { addCall } from './commands/call.ts';
import { addCompletion } from './commands/completion.ts';
import { addCreate } from './commands/create.ts';
import { addDeploying } from './commands/deploying.ts';
import { addDown } from './commands/down.ts';
import { addEngine } from './commands/engine.ts';
import { addExec } from './commands/exec.ts';
import { addFiles } from './commands/files.ts';
import { addGroups } from './commands/groups.ts';
import { addImages } from './commands/images.ts';
import { addImport } from './commands/import.ts';
import { addLogs } from './commands/logs.ts';
import { addLooking } from './commands/looking.ts';
import { addNetworks } from './commands/networks.ts';
import { addPlan } from './commands/plan.ts';
import { addPs } from './commands/ps.ts';
import { addQuickstart } from './commands/quickstart.ts';
import { addRun } from './commands/run.ts';
import { addActing, addRunning } from './commands/running.ts';
import { addStats } from './commands/stats.ts';
import { addSubscribe } from './commands/subscribe.ts';
import { addSystem } from './commands/system.ts';
import { addUp } from './commands/up.ts';
import { addUpdating } from './commands/updating.ts';
import { addValidate } from './commands/validate.ts';
import { addVolumes } from './commands/volumes.ts';
import type { Context } from './context.ts';
import { fail } from './fail.ts';

/** The whole command line over its context. */
export function createProgram(context: Context, version: string, exit: (code: number) => void): Command {
  const { io } = context;
  const program = new Command('berth')
    .description('Containers declared beside the code that needs them.')
    .version(version)
    .exitOverride()
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.columns,
    })
    .addHelpText(
      'after',
      '\nExamples:\n  berth up                     start what ./registry declares, and keep it so\n  berth ps                     what runs, and where it listens\n  berth logs -f NAME           its lines as they come\n  berth down                   remove it all again',
    );
  addUp(program, context);
  addPs(program, context);
  addLogs(program, context);
  addRun(program, context, exit);
  addCreate(program, context);
  addFiles(program, context);
  addUpdating(program, context, exit);
  addRunning(program, context, exit);
  addActing(program, context, exit);
  addGroups(program, context);
  addDeploying(program, context);
  addExec(program, context, exit);
  addAttach(program, context, exit);
  addLooking(program, context, exit);
  addStats(program, context);
  addImages(program, context, exit);
  addNetworks(program, context, exit);
  addVolumes(program, context, exit);
  addSystem(program, context, exit);
  addDown(program, context, exit);
  addPlan(program, context, exit);
  addValidate(program, context, exit);
  addImport(program, context, exit);
  addCall(program, context);
  addSubscribe(program, context);
  addAdopt(program, context);
  addQuickstart(program, context);
  addEngine(program, context);
  addCompletion(program, context);
  return program;
}

/** Runs one command line; answers the process’s exit code and never throws. */
export async function runCommandLine(
  words: readonly string[],
  context: Context,
  version: string,
): Promise<number> {
  let code = 0;
  const program = createProgram(context, version, (wanted) => {
    code = wanted;
  });
  try {
    await program.parseAsync([...words], { from: 'user' });
    return code;
  } catch (error) {
    return fail(error, context.io, words.includes('--json'));
  }
}
