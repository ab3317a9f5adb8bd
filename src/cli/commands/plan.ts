import type { Command } from 'commander';
import { ERRORS } from '../../../contracts/errors.ts';
import { type ComposeOptions, declaredOf, withDeclared } from '../compose-options.ts';
import type { Context } from '../context.ts';
import { type PlaceOptions, withJson, withPlace } from '../options.ts';
import { printable } from '../printable.ts';
import type { PlannedContainer } from '../session.ts';
import { table } from '../table.ts';

/** `berth plan`: what `up` would do and why, without one call that changes anything. */
export function addPlan(program: Command, { io, deps }: Context, exit: (code: number) => void): void {
  withDeclared(withJson(withPlace(program.command('plan'))))
    .description('Show what `berth up` would do, and why. Changes nothing.')
    .addHelpText(
      'after',
      '\nExamples:\n  berth plan\n  berth plan ./registry --json\n  berth plan -f compose.yaml -p shop',
    )
    .action(async (words: string[], options: PlaceOptions & ComposeOptions) => {
      const { resources, containers, findings } = await deps.plan(declaredOf(words, options), options);
      const all = [...resources, ...containers];
      const errors = findings.filter(({ level }) => level === 'error');
      if (options.json) {
        io.out(
          `${JSON.stringify({ resources, containers, findings: findings.map(({ text: _, ...finding }) => finding) })}\n`,
        );
      } else {
        for (const { text } of errors) io.err(`${text}\n`);
        if (errors.length === 0 || all.length > 0) io.out(`${differences(containers)}${describe(all)}\n`);
      }
      if (errors.length > 0) exit(ERRORS.invalid_registry.exit);
      else if (all.some(({ refused }) => refused !== undefined)) exit(ERRORS.name_conflict.exit);
    });
}

/** What is otherwise than declared, field by field: `~ env.PORT: "80" → "81"`. */
function differences(planned: readonly PlannedContainer[]): string {
  return planned
    .filter(({ differs }) => differs.length > 0)
    .map(({ name, differs }) =>
      [
        `${name}:`,
        ...differs.map(({ field, from, to }) => `  ~ ${field}: ${shown(from)} → ${shown(to)}`),
        '\n',
      ].join('\n'),
    )
    .join('');
}

function shown(value: unknown): string {
  return value === null ? 'none' : printable(JSON.stringify(value));
}

function describe(planned: readonly Pick<PlannedContainer, 'name' | 'refused' | 'steps'>[]): string {
  const rows = planned.flatMap(({ name, refused, steps }) =>
    refused === undefined
      ? steps.map(({ action, on, cause }) => [name, action, on, cause])
      : [[name, 'refused', '', refused]],
  );
  if (rows.length === 0) return 'Nothing to do: everything is as declared.';
  const kept = planned.filter(({ steps, refused }) => steps.length === 0 && refused === undefined).length;
  return `${table(['NAME', 'ACTION', 'ON', 'WHY'], rows)}\n${kept} unchanged`;
}
