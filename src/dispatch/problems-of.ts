import type { z } from 'zod';
import type { Problem } from '../../contracts/contract-error.ts';

type Issue = z.core.$ZodIssue;

/** What zod found wrong, by path. Of a choice of forms, what is wrong with the form that comes nearest. */
export function problemsOf(issue: Issue): readonly Problem[] {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: path === '' ? key : `${path}.${key}`,
      message: 'no such field',
    }));
  if (issue.code !== 'invalid_union') return [{ path, message: issue.message }];
  const forms = issue.errors.map((issues) =>
    issues.map((one) => ({ ...one, path: [...issue.path, ...one.path] })),
  );
  const near = forms
    .filter((issues) => !issues.some((one) => isOtherType(one, issue.path.length)))
    .toSorted((a, b) => a.length - b.length)[0];
  if (near !== undefined) return near.flatMap(problemsOf);
  const messages = forms.flatMap((issues) => issues.flatMap(problemsOf)).map(({ message }) => message);
  return [{ path, message: [...new Set(messages)].join('; or: ') }];
}

function isOtherType(issue: Issue, depth: number): boolean {
  return issue.code === 'invalid_type' && issue.path.length === depth;
}
