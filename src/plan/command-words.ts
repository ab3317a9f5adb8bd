const SHELL_SYNTAX = new Set('|&;<>()$`*?[\n');
const SHELL_WORDS = new Set([
  '!',
  '.',
  ':',
  'case',
  'cd',
  'eval',
  'exec',
  'exit',
  'export',
  'for',
  'if',
  'set',
  'trap',
  'ulimit',
  'umask',
  'until',
  'wait',
  'while',
  '{',
]);

/**
 * A string command as the list that runs (decision 13): its words, split at blanks with quotes and backslashes as a shell
 * would; or `sh -c` with the whole string when it uses the shell’s own syntax outside quotes. Words that cannot be split
 * (an open quote) are the shell’s to refuse.
 */
export function commandWords(command: string): readonly string[] {
  return split(command) ?? ['sh', '-c', command];
}

/** The words, or undefined when only a shell can tell. */
function split(command: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < command.length; at++) {
    const char = command[at] ?? '';
    if (char === "'") {
      const end = command.indexOf("'", at + 1);
      if (end < 0) return undefined;
      word = (word ?? '') + command.slice(at + 1, end);
      at = end;
    } else if (char === '"') {
      const quoted = doubleQuoted(command, at + 1);
      if (quoted === undefined) return undefined;
      word = (word ?? '') + quoted.text;
      at = quoted.end;
    } else if (char === '\\') {
      const next = command[at + 1];
      if (next === undefined) return undefined;
      word = (word ?? '') + next;
      at += 1;
    } else if (char === ' ' || char === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (isShellsOwn(char, word)) {
      return undefined;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (word !== undefined) words.push(word);
  return needsShell(words[0]) ? undefined : words;
}

/** `#` and `~` mean something only where a word begins. */
function isShellsOwn(char: string, word: string | undefined): boolean {
  return char === '~' || char === '#' ? word === undefined : SHELL_SYNTAX.has(char);
}

/** An assignment, or a word that only a shell knows, where the command stands. */
function needsShell(first: string | undefined): boolean {
  return first !== undefined && (/^[A-Za-z_][A-Za-z0-9_]*=/.test(first) || SHELL_WORDS.has(first));
}

/** The text up to the closing quote; undefined when it has none, or when a shell would look into it. */
function doubleQuoted(
  command: string,
  from: number,
): { readonly text: string; readonly end: number } | undefined {
  let text = '';
  for (let at = from; at < command.length; at++) {
    const char = command[at] ?? '';
    if (char === '"') return { text, end: at };
    if (char === '$' || char === '`') return undefined;
    if (char === '\\') {
      const next = command[at + 1];
      if (next === undefined) return undefined;
      text += '"\\$`\n'.includes(next) ? next : `\\${next}`;
      at += 1;
    } else {
      text += char;
    }
  }
  return undefined;
}
