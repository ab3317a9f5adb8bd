import { distance } from 'fastest-levenshtein';

/** The word of `known` that `word` most likely meant: few edits away, case aside; undefined when none is near. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > 100) return undefined;
  const meant = word.toLowerCase().replaceAll('-', '_');
  let best: string | undefined;
  let least = Math.max(1, Math.round(word.length * 0.4)) + 1;
  for (const candidate of known) {
    const edits = distance(meant, candidate.toLowerCase().replaceAll('-', '_'));
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best;
}

/** ` (did you mean …?)`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const meant = nearest(word, known);
  return meant === undefined ? '' : ` (did you mean \`${meant}\`?)`;
}
