import { ERRORS, type ErrorCode } from '../../../contracts/errors.ts';

/** Of a registry’s problems, and their texts in the same order, the errors that do not go by themselves: the first line of each. */
export function lastingErrors(
  texts: readonly string[],
  problems: readonly { readonly level: 'error' | 'warning'; readonly code: ErrorCode }[],
): readonly string[] {
  return texts.flatMap((text, index) => {
    const problem = problems[index];
    const lasts = problem?.level === 'error' && !ERRORS[problem.code].retryable;
    return lasts ? [text.split('\n')[0] ?? text] : [];
  });
}
