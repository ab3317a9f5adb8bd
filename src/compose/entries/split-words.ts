/** A text as words, as a shell’s quotes and backslashes have it, and nothing else of a shell. Undefined when a quote is never closed. */
export function splitWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? '';
    if (quote === "'") {
      if (sign === "'") quote = '';
      else word = `${word ?? ''}${sign}`;
    } else if (sign === '\\') {
      const next = text[at + 1] ?? '';
      at += 1;
      // Within quotes it only makes a quote, a dollar or itself plain.
      word = `${word ?? ''}${quote === '"' && !/["\\$`]/.test(next) ? sign : ''}${next === '\n' ? '' : next}`;
    } else if (quote === '"') {
      if (sign === '"') quote = '';
      else word = `${word ?? ''}${sign}`;
    } else if (sign === "'" || sign === '"') {
      quote = sign;
      word ??= '';
    } else if (/\s/.test(sign)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = `${word ?? ''}${sign}`;
  }
  if (quote !== '') return undefined;
  if (word !== undefined) words.push(word);
  return words;
}
