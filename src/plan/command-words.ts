const SHELL_SYNTAX = new Set('|&;<>()$`*?');
/** The shell’s reserved words, and builtins that are no program and no likely argument of an entrypoint. */
const SHELL_WORDS = new Set(
  '! { . : case cd eval exec exit export for if trap ulimit umask until while'.split(' '),
);

/**
 * A string command as the list that runs (decision 13): its words, split at blanks with quotes and backslashes as a shell
 * would; or `sh -c` with the whole string when it uses the shell’s own syntax outside quotes. What begins with a dash is
 * arguments to an entrypoint, which no shell could run: always words. Words that cannot be split (an open quote) are the
 * shell’s to refuse.
 */
export function commandWords(command: string): readonly string[] {
  return split(command, /^\s*-/.test(command)) ?? ['sh', '-c', command];
}

/** The words, or undefined when only a shell can tell. */
function split(command: string, literal: boolean): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < command.length; at++) {
    const char = command[at] ?? '';
    const begun = words.length > 0 || word !== undefined;
    if (isBlank(command, at, begun && !literal)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    if (!literal && isShellsOwn(command, at, word)) return undefined;
    const piece = pieceAt(command, at, char, literal);
    if (piece === undefined) return undefined;
    word = piece.text === undefined ? word : (word ?? '') + piece.text;
    at = piece.end;
  }
  if (word !== undefined) words.push(word);
  return !literal && needsShell(words[0]) ? undefined : words;
}

/** A newline `between` two commands is the shell’s; before the first and after the last it means nothing. */
function isBlank(command: string, at: number, between: boolean): boolean {
  const char = command[at];
  if (char === ' ' || char === '\t') return true;
  return char === '\n' && (!between || command.slice(at).trim() === '');
}

interface Piece {
  /** Undefined: nothing, not even an empty word. */
  readonly text: string | undefined;
  /** Where its last character stands. */
  readonly end: number;
}

/** What stands at `at`, unquoted; undefined when only a shell can tell. */
function pieceAt(command: string, at: number, char: string, literal: boolean): Piece | undefined {
  if (char === "'") {
    const end = command.indexOf("'", at + 1);
    return end < 0 ? undefined : { text: command.slice(at + 1, end), end };
  }
  if (char === '"') return doubleQuoted(command, at + 1, literal);
  if (char !== '\\') return { text: char, end: at };
  const next = command[at + 1];
  if (next === undefined) return undefined;
  return { text: next === '\n' ? undefined : next, end: at + 1 };
}

/** `#` and `~` mean something only where a word begins, `[` only when it is no address like `[::1]`. */
function isShellsOwn(command: string, at: number, word: string | undefined): boolean {
  const char = command[at] ?? '';
  if (char === '~' || char === '#') return word === undefined;
  if (char === '[') return !/^\[[\da-fA-F.:]*:[\da-fA-F.:]*(%\w+)?\]/.test(command.slice(at));
  return char === '\n' || SHELL_SYNTAX.has(char);
}

/** An assignment, or a word that only a shell knows, where the command stands. */
function needsShell(first: string | undefined): boolean {
  return first !== undefined && (/^[A-Za-z_][A-Za-z0-9_]*=/.test(first) || SHELL_WORDS.has(first));
}

/** The text up to the closing quote; undefined when it has none, or when a shell would look into it. */
function doubleQuoted(command: string, from: number, literal: boolean): Piece | undefined {
  let text = '';
  for (let at = from; at < command.length; at++) {
    const char = command[at] ?? '';
    if (char === '"') return { text, end: at };
    if (!literal && (char === '$' || char === '`')) return undefined;
    if (char === '\\') {
      const next = command[at + 1];
      if (next === undefined) return undefined;
      text += next === '\n' ? '' : '"\\$`'.includes(next) ? next : `\\${next}`;
      at += 1;
    } else {
      text += char;
    }
  }
  return undefined;
}
