import type { Argument, Command, Option } from 'commander';
import type { Contract } from '../../../contracts/contract.ts';
import { fieldsOf } from './fields-of.ts';

/** One word that could stand there. */
export interface Candidate {
  readonly word: string;
  readonly meaning?: string;
}

export type NameKind = 'container' | 'group' | 'network' | 'volume' | 'image';

/** Whatever has names; what cannot be asked has none. */
export type NameSource = (kind: NameKind) => Promise<readonly string[]>;

export interface Completing {
  readonly program: Command;
  readonly contracts: readonly Contract[];
  readonly names: NameSource;
}

/** `files`: the shell’s own names of files, too. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly files: boolean;
}

const NOTHING: Completion = { candidates: [], files: false };
const FILES: Completion = { candidates: [], files: true };

/** What could stand in place of the last of these words, which are those behind `berth`. */
export async function complete(words: readonly string[], completing: Completing): Promise<Completion> {
  const current = words.at(-1) ?? '';
  const { command, given, awaited, isLiteral } = walk(completing.program, words.slice(0, -1));
  const found = await candidatesFor({ command, given, awaited, isLiteral, current }, completing);
  const before = new Set(given);
  return {
    files: found.files,
    candidates: found.candidates.filter(({ word }) => word.startsWith(current) && !before.has(word)),
  };
}

interface Place {
  readonly command: Command;
  /** Words that are neither a command, an option nor the value of one. */
  readonly given: readonly string[];
  /** The option whose value comes next. */
  readonly awaited: Option | undefined;
  /** Behind `--` nothing is an option any more. */
  readonly isLiteral: boolean;
}

function walk(program: Command, words: readonly string[]): Place {
  let command = program;
  const given: string[] = [];
  let awaited: Option | undefined;
  let isLiteral = false;
  for (const word of words) {
    if (awaited !== undefined) awaited = undefined;
    else if (isLiteral) given.push(word);
    else if (word === '--') isLiteral = true;
    else if (word.startsWith('-')) awaited = valueOption(command, word);
    else {
      const below = given.length === 0 ? subcommand(command, word) : undefined;
      if (below === undefined) given.push(word);
      else command = below;
    }
  }
  return { command, given, awaited, isLiteral };
}

function subcommand(command: Command, word: string): Command | undefined {
  return command.commands.find((one) => one.name() === word || one.aliases().includes(word));
}

function valueOption(command: Command, word: string): Option | undefined {
  const option = command.options.find(({ long, short }) => word === long || word === short);
  return option !== undefined && (option.required || option.optional) ? option : undefined;
}

async function candidatesFor(
  { command, given, awaited, isLiteral, current }: Place & { readonly current: string },
  completing: Completing,
): Promise<Completion> {
  if (awaited !== undefined) return await valuesOf(awaited.argChoices, awaited.flags, completing);
  if (current.startsWith('-') && !isLiteral)
    return { candidates: [...optionsOf(command), ...fieldFlags(command, given, completing)], files: false };
  if (command.commands.length > 0 && given.length === 0)
    return {
      candidates: command.commands.map((one) => ({
        word: one.name(),
        meaning: firstSentence(one.description()),
      })),
      files: false,
    };
  if (command.name() === 'call') return ofContracts(given, completing);
  const argument = argumentAt(command, given.length);
  // A name to be given is nobody’s yet.
  if (argument === undefined || (command.name() === 'create' && argument.name() === 'name')) return NOTHING;
  return await valuesOf(argument.argChoices, argument.name(), completing);
}

function argumentAt({ registeredArguments }: Command, index: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[index] ?? (last?.variadic ? last : undefined);
}

const KINDS: readonly (readonly [RegExp, NameKind])[] = [
  [/^(name|container)$|<container>/, 'container'],
  [/^group$|<group>/, 'group'],
  [/^network$|<network>/, 'network'],
  [/^volume$|<volume>/, 'volume'],
  [/^image$|<image>/, 'image'],
];

async function valuesOf(
  choices: readonly string[] | undefined,
  what: string,
  { names }: Completing,
): Promise<Completion> {
  if (choices !== undefined) return { candidates: choices.map((word) => ({ word })), files: false };
  const kind = KINDS.find(([pattern]) => pattern.test(what))?.[1];
  if (kind !== undefined) return { candidates: (await names(kind)).map((word) => ({ word })), files: false };
  return /registry|folder|file|path|source|target|context|tar/i.test(what) ? FILES : NOTHING;
}

function optionsOf(command: Command): readonly Candidate[] {
  const own = command.options
    .filter(({ hidden }) => !hidden)
    .map(({ long, short, description }) => ({ word: long ?? short ?? '', meaning: description }));
  return [...own, { word: '--help', meaning: 'display help for command' }];
}

/** `berth call CONTRACT METHOD --field` takes the method’s own fields. */
function fieldFlags(command: Command, [contract, method]: readonly string[], { contracts }: Completing) {
  return command.name() === 'call' ? fieldsOf(methodOf(contracts, contract, method)) : [];
}

function ofContracts([contract, ...rest]: readonly string[], { contracts }: Completing): Completion {
  const found = contracts.find(({ id }) => shortName(id) === contract || id === contract);
  if (contract === undefined)
    return {
      candidates: contracts.map(({ id, description }) => ({ word: shortName(id), meaning: description })),
      files: false,
    };
  if (found === undefined || rest.length > 0) return NOTHING;
  const methods = Object.entries(found.methods);
  return {
    candidates: methods.map(([word, { description }]) => ({ word, meaning: firstSentence(description) })),
    files: false,
  };
}

function methodOf(contracts: readonly Contract[], contract: string | undefined, method = '') {
  const found = contracts.find(({ id }) => shortName(id) === contract || id === contract);
  return found !== undefined && Object.hasOwn(found.methods, method) ? found.methods[method] : undefined;
}

function shortName(id: string): string {
  return id.split(':')[1] ?? id;
}

function firstSentence(text: string): string {
  return text.split(/(?<=\.)\s/)[0] ?? text;
}
