import { stripVTControlCharacters } from 'node:util';

/** Text from outside, without what could move a terminal’s cursor, colour what follows or break the line. */
export function printable(text: string): string {
  return replaceControls(stripVTControlCharacters(text));
}

const ESCAPE = String.fromCharCode(27);
const COLOUR = new RegExp(`(${ESCAPE}\\[[0-9;]*m)`);

/** A log line for a terminal: its colours stay (and end with the line), every other control goes. */
export function printableLine(line: string): string {
  if (!line.includes(ESCAPE)) return replaceControls(line);
  const parts = line.split(COLOUR).map((part) => (COLOUR.test(part) ? part : printable(part)));
  return `${parts.join('')}${ESCAPE}[0m`;
}

function replaceControls(text: string): string {
  let clean = '';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    clean += (code < 32 && char !== '\t') || (code >= 127 && code < 160) ? '\uFFFD' : char;
  }
  return clean;
}
