import { ContractError } from '../../contracts/contract-error.ts';

/** A defect of whoever calls: told where it is made, not by the engine’s parser a minute later. */
export function refuse(message: string): never {
  throw new ContractError('invalid_input', message);
}

/** Text that stays within its instruction: no second line, no line that goes on in the next one, no here-document that swallows the rest. */
export function oneLine(text: string, what: string): string {
  if (/[\r\n\0\u2028\u2029]/.test(text))
    refuse(`${what}: a line break would begin another instruction; ${JSON.stringify(text.slice(0, 80))}`);
  if (/\\[ \t]*$/.test(text)) refuse(`${what}: a backslash at the end would take the next line into it`);
  if (/(^|[\s;|&(])\d*<<-?\s*["']?[A-Za-z_]/.test(text))
    refuse(`${what}: a here-document has lines of its own; put them into a file (\`write\`)`);
  if (text.trim() === '') refuse(`${what}: it is empty`);
  return text.trim();
}

/** One word: nothing that ends it. */
export function oneWord(text: string, what: string): string {
  const word = oneLine(text, what);
  if (/\s/.test(word)) refuse(`${what}: one word, please, not \`${word.slice(0, 80)}\``);
  return word;
}

/** The exec form: exact words, whatever is in them. No spaces between them, so that none is read as a here-document. */
export function execForm(words: readonly string[], what: string): string {
  if (words.length === 0) refuse(`${what}: an empty list`);
  if (words.some((word) => word.includes('\0'))) refuse(`${what}: text without NUL`);
  return JSON.stringify(words);
}

/** The value of ENV, LABEL or ARG, in double quotes. `literal`: a `$` is a dollar sign, and no variable. */
export function quotedValue(
  value: string,
  what: string,
  { literal = false }: { readonly literal?: boolean } = {},
): string {
  if (/[\r\n\0]/.test(value)) refuse(`${what}: a Dockerfile has no way to write a line break here`);
  const escaped = value.replace(/["\\]/g, '\\$&');
  return `"${literal ? escaped.replaceAll('$', '\\$') : escaped}"`;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** The name of a variable. */
export function variableName(name: string, what: string): string {
  return NAME.test(name) ? name : refuse(`${what}: \`${name.slice(0, 80)}\` is no name of a variable`);
}
