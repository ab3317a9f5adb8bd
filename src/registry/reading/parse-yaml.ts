import { Composer, type Document, LineCounter, Parser } from 'yaml';

/** Where in a file, counted from 1, and how many characters of that line are meant. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** The line itself. */
  readonly source: string;
}

export interface ParsedFile {
  readonly document: Document.Parsed | undefined;
  readonly problems: readonly { readonly place: Place; readonly message: string }[];
  placeOf(range: readonly [number, number]): Place;
}

const MAX_ERRORS = 20;

/** YAML 1.2, core schema. Never throws: what cannot be parsed is a problem with its place, and there is no document then. */
export function parseYaml(text: string): ParsedFile {
  const counter = new LineCounter();
  const placeOf = ([start, end]: readonly [number, number]): Place => {
    const { line, col } = counter.linePos(Math.min(start, text.length));
    const source = lineAt(text, counter.lineStarts[line - 1] ?? 0);
    const column = Math.max(1, col);
    const length = Math.max(1, Math.min(end - start, source.trimEnd().length - column + 1));
    return { line: Math.max(1, line), column, length, source };
  };
  const composer = new Composer({
    schema: 'core',
    version: '1.2',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const parser = new Parser(counter.addNewLine);
  const [document, second] = composer.compose(upToErrors(parser, text), true, text.length).take(2);
  const problems = (document?.errors ?? [])
    .slice(0, MAX_ERRORS)
    .map(({ pos, message }) => ({ place: placeOf(pos), message: explain(message, placeOf(pos).source) }));
  if (second !== undefined && problems.length === 0) {
    const [start, end] = second.range;
    problems.push({ place: placeOf([start, end]), message: 'only one YAML document in a file' });
  }
  return { document: problems.length === 0 ? document : undefined, problems, placeOf };
}

/** The parser’s tokens, until so many of them are errors that the rest tells nothing. */
function* upToErrors(parser: Parser, text: string): ReturnType<Parser['parse']> {
  let errors = 0;
  for (const token of parser.parse(text)) {
    yield token;
    if (token.type === 'error' && ++errors >= MAX_ERRORS) return;
  }
}

function explain(message: string, source: string): string {
  const first = message.split('\n')[0] ?? message;
  const said = `${first.charAt(0).toLowerCase()}${first.slice(1)}`;
  return source.includes('${') ? `${said} (inside { } and [ ] write "\${…}" in quotes)` : said;
}

function lineAt(text: string, start: number): string {
  const end = text.indexOf('\n', start);
  return text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '');
}
