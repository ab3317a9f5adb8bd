import type { Command } from 'commander';
import type { Context } from './context.ts';
import { type Exit, eachContainer } from './each-container.ts';
import { type PlaceOptions, withJson, withPlace } from './options.ts';
import type { Session } from './session.ts';

/** Things of one kind, that a command takes by their names. */
export interface ByName {
  /** As the argument is called: network. */
  readonly kind: string;
  /** What a name may be. */
  readonly names: string;
  readonly description: string;
  /** Of a whole command line. */
  readonly example: string;
}

/** `inspect NAME…`: each as JSON. */
export function addInspect(
  group: Command,
  { kind, names, description, example }: ByName,
  inspect: (session: Session, name: string) => Promise<object>,
  { context, exit }: { readonly context: Context; readonly exit: Exit },
): void {
  withJson(withPlace(group.command('inspect')))
    .description(description)
    .argument(`<${kind}...>`, names)
    .addHelpText('after', `\nExamples:\n  ${example}`)
    .action((given: string[], options: PlaceOptions) =>
      eachContainer(given, options, context, exit, inspect, (_, answer) => JSON.stringify(answer, null, 2)),
    );
}

/** `rm NAME…` */
export function addRemove(
  group: Command,
  { kind, names, description, example }: ByName,
  remove: (session: Session, name: string) => Promise<object>,
  { context, exit }: { readonly context: Context; readonly exit: Exit },
): void {
  withJson(withPlace(group.command('rm')))
    .description(description)
    .argument(`<${kind}...>`, names)
    .addHelpText('after', `\nExamples:\n  ${example}`)
    .action((given: string[], options: PlaceOptions) => eachContainer(given, options, context, exit, remove));
}
