import { relative } from 'node:path';
import type { Command } from 'commander';
import { ERRORS } from '../../../contracts/errors.ts';
import type { Context } from '../context.ts';
import { withJson } from '../options.ts';
import { collected } from '../pairs.ts';

interface ImportOptions {
  readonly file?: readonly string[];
  readonly projectName?: string;
  readonly profile?: readonly string[];
  readonly output?: string;
  readonly force?: true;
  readonly json?: true;
}

/** `berth import`: Compose files as a registry folder. Exit code 2 when something in them could not be taken. */
export function addImport(program: Command, { io, deps }: Context, exit: (code: number) => void): void {
  withJson(program.command('import'))
    .description('Make registry entries of Compose files, and say what of them cannot be taken.')
    .argument('[files...]', 'Compose files, each over those before it (default: those of this folder)')
    .option('-f, --file <file>', 'a further Compose file, over those before it', collected)
    .option('-p, --project-name <name>', 'the project’s name: the group, and the beginning of other names')
    .option('--profile <name>', 'take the services of this profile, too; * for all', collected)
    .option(
      '-o, --output <folder>',
      'where the _index.yaml goes; - for standard output (default: registry/PROJECT)',
    )
    .option('--force', 'write over what is there')
    .addHelpText(
      'after',
      '\nExamples:\n  berth import compose.yaml\n  berth import compose.yaml -f compose.prod.yaml -p shop -o registry/shop\n  berth import -o -',
    )
    .action(async (files: string[], options: ImportOptions) => {
      const { output, projectName, profile = [], file = [], force = false } = options;
      const report = await deps.importCompose({
        files: [...files, ...file],
        profiles: profile,
        force,
        ...(projectName !== undefined && { project: projectName }),
        ...(output !== undefined && { into: output }),
      });
      const errors = report.problems.filter(({ level }) => level === 'error');
      if (options.json) io.out(`${JSON.stringify(report)}\n`);
      else {
        if (output === '-') io.out(report.index);
        for (const path of report.written) io.err(`wrote ${relative('.', path) || path}\n`);
        if (errors.length > 0)
          io.err(`${errors.length} thing${errors.length === 1 ? '' : 's'} could not be taken:\n`);
        for (const { level, text } of report.problems)
          io.err(`${level === 'error' ? '' : `${level}: `}${text}\n`);
        if (report.policy !== undefined && report.written.length === 0) io.err(report.policy);
      }
      if (errors.length > 0) exit(ERRORS.invalid_registry.exit);
    });
}
