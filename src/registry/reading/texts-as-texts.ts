import type { z } from 'zod';
import { type Path, pathKey } from './to-value.ts';

type Issue = z.core.$ZodIssue;

/**
 * Parses; where the schema wants a text and a plain scalar was read as a number or boolean, its written text is taken
 * (`user: 1000`, `command: [sleep, 3600]`).
 */
export function textsAsTexts<T>(
  schema: z.ZodType<T>,
  value: unknown,
  texts: ReadonlyMap<string, string>,
): z.ZodSafeParseResult<T> {
  const first = schema.safeParse(value);
  if (first.success || texts.size === 0) return first;
  const wanted = first.error.issues.flatMap((issue) => textsWanted(issue, []));
  const known = wanted.filter((path) => texts.has(pathKey(path)));
  if (known.length === 0) return first;
  const copy = structuredClone(value);
  for (const path of known) put(copy, path, texts.get(pathKey(path)));
  return schema.safeParse(copy);
}

function textsWanted(issue: Issue, above: Path): readonly Path[] {
  const path = [...above, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  if (issue.code === 'invalid_type') return issue.expected === 'string' ? [path] : [];
  if (issue.code !== 'invalid_union') return [];
  const inside = issue.errors.flat();
  const takesNumbers = inside.some(
    ({ code, path: at, ...rest }) =>
      code === 'invalid_type' &&
      at.length === 0 &&
      'expected' in rest &&
      /^(number|int|boolean)$/.test(String(rest.expected)),
  );
  return inside
    .filter(({ path: at }) => at.length > 0 || !takesNumbers)
    .flatMap((nested) => textsWanted(nested, path));
}

function put(root: unknown, path: Path, text: string | undefined): void {
  let parent = root;
  for (const part of path.slice(0, -1)) {
    if (typeof parent !== 'object' || parent === null) return;
    parent = (parent as Readonly<Record<string | number, unknown>>)[part];
  }
  const last = path.at(-1);
  if (typeof parent === 'object' && parent !== null && last !== undefined)
    (parent as Record<string | number, unknown>)[last] = text;
}
