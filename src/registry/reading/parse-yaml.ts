import { Composer, type Document, Parser } from 'yaml';
import { lineIndex, type Place } from './line-index.ts';

export interface ParsedFile {
  readonly document: Document.Parsed | undefined;
  readonly problems: readonly { readonly place: Place; readonly message: string }[];
  placeOf(range: readonly [number, number]): Place;
}

const MAX_ERRORS = 20;

/** YAML 1.2, core schema. Never throws: what cannot be parsed is a problem with its place, and there is no document then. */
export function parseYaml(text: string): ParsedFile {
  const placeOf = lineIndex(text);
  const composer = new Composer({
    schema: 'core',
    version: '1.2',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const parser = new Parser();
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
