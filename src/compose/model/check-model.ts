import type { z } from 'zod';
import { didYouMean } from '../../runtime/did-you-mean.ts';
import { type Data, inside, type Path, type Places } from '../reading/places.ts';
import type { ComposeProblem } from '../reading/problem.ts';
import { type ComposeModel, composeModel } from './model.ts';
import { composeService } from './service.ts';

type Issue = z.core.$ZodIssue;

const TOP = Object.keys(composeModel.out.shape);
const SERVICE = Object.keys(composeService.out.shape);
const NOUNS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

/** The model that the data are, or all that is wrong with them. */
export function checkModel(
  data: Data,
  places: Places,
  file: string,
): { readonly model: ComposeModel } | { readonly problems: readonly ComposeProblem[] } {
  const parsed = composeModel.safeParse(data);
  if (parsed.success) return { model: parsed.data };
  const problems = parsed.error.issues.flatMap((issue) => explain(nearest(issue), data));
  return {
    problems: problems.slice(0, 100).map(({ path, message }) => ({
      level: 'error',
      part: path.slice(0, 2).join('.'),
      key: path.slice(2).join('.'),
      message,
      place: places.at(data, path) ?? { file, line: 1, column: 1 },
    })),
  };
}

function explain(issue: Issue, data: Data): readonly { path: Path; message: string }[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `Compose knows no such key${didYouMean(key, path.length === 0 ? TOP : path.length === 2 ? SERVICE : [])}`,
    }));
  const value = path.reduce<Data | undefined>((held, part) => inside(held, part), data);
  return [{ path, message: value === undefined ? 'is missing' : `${demand(issue)}, not ${shown(value)}` }];
}

/** Of a union, the branch whose type the value has. */
export function nearest(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const branches = issue.errors.map((errors) =>
    errors.map((error) => nearest({ ...error, path: [...issue.path, ...error.path] })),
  );
  const near = branches.find(
    ([first]) =>
      first !== undefined && !(first.code === 'invalid_type' && first.path.length === issue.path.length),
  );
  return near?.[0] ?? issue;
}

/** What is wrong with a value of an entry, in its contract’s words. */
export function wordsOf(issue: Issue): string {
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  return issue.code === 'custom' ? issue.message : demand(issue);
}

function demand(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${NOUNS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`;
    case 'invalid_format':
      return `must be ${issue.message}`;
    case 'invalid_union':
      return `must be ${[...new Set(issue.errors.flat().map((error) => demand(error).replace(/^must be /, '')))].join(' or ')}`;
    default:
      return issue.message.toLowerCase();
  }
}

function shown(value: Data): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = String(value);
  return `\`${text.length > 40 ? `${text.slice(0, 40)}…` : text}\``;
}
