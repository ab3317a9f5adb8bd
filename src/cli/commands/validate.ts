import type { Command } from 'commander';
import { ERRORS } from '../../../contracts/errors.ts';
import { type ComposeOptions, declaredOf, withDeclared } from '../compose-options.ts';
import type { Context } from '../context.ts';
import { withJson } from '../options.ts';

/** `berth validate`: reads the registry and touches nothing. Exit code 2 when something is wrong. */
export function addValidate(program: Command, { io, deps }: Context, exit: (code: number) => void): void {
  withDeclared(withJson(program.command('validate')))
    .description('Check registry files without starting anything.')
    .addHelpText(
      'after',
      '\nExamples:\n  berth validate\n  berth validate ./registry ./more/_index.yaml --json\n  berth validate -f compose.yaml',
    )
    .action(async (words: string[], options: ComposeOptions & { json?: true }) => {
      const { files, entries, findings } = await deps.validate(declaredOf(words, options));
      const errors = findings.filter(({ level }) => level === 'error').length;
      if (options.json) {
        io.out(
          `${JSON.stringify({ files, entries, findings: findings.map(({ text: _, ...finding }) => finding) })}\n`,
        );
      } else {
        for (const { level, text } of findings)
          (level === 'error' ? io.err : io.out)(`${level === 'error' ? '' : `${level}: `}${text}\n`);
        io.out(
          `${files} file${files === 1 ? '' : 's'}, ${counted(entries)} declared, ${errors} error${errors === 1 ? '' : 's'}\n`,
        );
      }
      if (errors > 0) exit(ERRORS.invalid_registry.exit);
    });
}

/** `2 containers, 1 network`. */
function counted(entries: readonly { readonly type: string }[]): string {
  const kinds = Map.groupBy(entries, ({ type }) => type);
  const counts = [...kinds].map(([type, all]) => `${all.length} ${type}${all.length === 1 ? '' : 's'}`);
  return counts.length === 0 ? 'nothing' : counts.join(', ');
}
