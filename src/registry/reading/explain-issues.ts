import type { z } from 'zod';
import type { EntryType } from '../../../contracts/registry-entry.ts';
import { didYouMean } from '../../runtime/did-you-mean.ts';
import { fromElsewhere, knownKeys } from './known-keys.ts';
import type { Path } from './to-value.ts';

type Issue = z.core.$ZodIssue;

export interface Explained {
  readonly path: Path;
  /** Whether the key at the path is meant, or its value. */
  readonly at: 'key' | 'value';
  readonly message: string;
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

/** What zod found wrong in `input`, in our words, with a did-you-mean for keys and words of a list. */
export function explainIssues(
  issues: readonly Issue[],
  input: unknown,
  type: EntryType,
): readonly Explained[] {
  return issues.flatMap((issue) => explain(flat(issue), input, type));
}

function explain(issue: Issue, input: unknown, type: EntryType): readonly Explained[] {
  const path = pathOf(issue.path);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...path, key],
      at: 'key',
      message: unknownKey(type, path, key),
    }));
  if (issue.code === 'invalid_key') {
    const why = issue.issues[0]?.message ?? '';
    return [{ path, at: 'key', message: `\`${path.at(-1)}\` is no usable key: ${why}` }];
  }
  if (issue.code === 'custom') return [{ path, at: 'value', message: issue.message }];
  const value = valueAt(input, path);
  const field = path.length === 0 ? 'the entry' : `\`${path.join('.')}\``;
  return [
    { path, at: 'value', message: `${field} ${value === undefined ? 'is missing' : demand(issue, value)}` },
  ];
}

function demand(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${NOUNS[issue.expected] ?? issue.expected}, not ${typeof value === 'string' ? 'the text ' : ''}${kindOf(value)}`;
    case 'invalid_value': {
      const words = issue.values.map(String);
      const guess = typeof value === 'string' ? didYouMean(value, words) : '';
      return `must be ${words.length > 1 ? 'one of ' : ''}${words.join(', ')}, not ${kindOf(value)}${guess}`;
    }
    case 'too_small':
      return `must ${issue.origin === 'string' || issue.origin === 'array' ? `have a length of at least ${issue.minimum}` : `be at least ${issue.minimum}`}`;
    case 'too_big':
      return `must ${issue.origin === 'string' || issue.origin === 'array' ? `have a length of at most ${issue.maximum}` : `be at most ${issue.maximum}`}`;
    case 'invalid_format':
      if (issue.format === 'ipv4' || issue.format === 'ipv6')
        return `must be an IP address, not ${kindOf(value)}`;
      return issue.message.startsWith('Invalid')
        ? `is an ${issue.message.toLowerCase()}`
        : `must be ${issue.message}`;
    case 'invalid_union':
      return `must be ${expectations(issue).join(' or ')}, not ${kindOf(value)}`;
    default:
      return issue.message.toLowerCase();
  }
}

/** Of a union the branch that came furthest: the value has its type, and something else is wrong. */
function flat(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const branches = issue.errors.map((errors) =>
    errors.map((error) => flat({ ...error, path: [...issue.path, ...error.path] })),
  );
  const near = branches.find(([first]) => first !== undefined && !isWrongType(first, issue.path.length));
  return near?.[0] ?? issue;
}

function isWrongType(issue: Issue, depth: number): boolean {
  return issue.code === 'invalid_type' && issue.path.length === depth;
}

function expectations(issue: Issue): readonly string[] {
  if (issue.code !== 'invalid_union') return [];
  const words = issue.errors.flatMap((errors) =>
    errors.flatMap((error) =>
      error.code === 'invalid_type' ? [NOUNS[error.expected] ?? error.expected] : expectations(error),
    ),
  );
  return [...new Set(words)];
}

function unknownKey(type: EntryType, path: Path, key: string): string {
  const other = path.length === 0 ? fromElsewhere(type, key) : undefined;
  const guess =
    other === undefined ? didYouMean(key, knownKeys(type, path)) : ` (did you mean \`${other}\`?)`;
  return `unknown key \`${key}\`${guess}`;
}

function pathOf(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === 'number' ? part : String(part)));
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[part];
  }
  return value;
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = String(value);
  return typeof value === 'string' ? `\`${text.length > 40 ? `${text.slice(0, 40)}…` : text}\`` : text;
}
