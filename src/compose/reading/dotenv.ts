import { interpolate, type Variables } from './interpolate.ts';

/** The variables of a `.env` or of an `env_file`; a problem names its line. */
export interface Dotenv {
  readonly variables: Readonly<Record<string, string>>;
  /** Names alone, whose value comes from around. */
  readonly inherited: readonly string[];
  readonly problem?: { readonly line: number; readonly message: string };
}

const START = /^(?:export\s+)?([A-Za-z_][\w.-]*)(?:\s*[=:](.*))?$/s;

/**
 * Reads NAME=value lines as Compose does: quotes (in single ones nothing is special), ` #` comments, `export`, texts over several lines within
 * quotes, and variables put into what is not in single quotes.
 */
export function dotenv(text: string, around: Variables, raw = false): Dotenv {
  const variables: Record<string, string> = {};
  const inherited: string[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const line = (lines[at] ?? '').trim();
    if (line === '' || line.startsWith('#')) continue;
    const [, name, value] = START.exec(line) ?? [];
    if (name === undefined)
      return {
        variables,
        inherited,
        problem: { line: at + 1, message: `\`${line.slice(0, 40)}\` is no NAME=value` },
      };
    if (value === undefined) {
      inherited.push(name);
      continue;
    }
    const trimmed = value.trim();
    const quote = trimmed[0];
    if (raw) variables[name] = trimmed;
    else if (quote === '"' || quote === "'") {
      const begun = at + 1;
      let whole = trimmed.slice(1);
      let end = closing(whole, quote);
      while (end === -1 && at + 1 < lines.length) {
        whole += `\n${lines[++at]}`;
        end = closing(whole, quote);
      }
      if (end === -1)
        return { variables, inherited, problem: { line: begun, message: `${name} has no closing ${quote}` } };
      const inside = whole.slice(0, end);
      variables[name] = quote === "'" ? inside : expanded(escapes(inside), { ...variables, ...around });
    } else
      variables[name] = expanded(trimmed.replace(/(^|\s)#.*$/, '').trimEnd(), { ...variables, ...around });
  }
  return { variables, inherited };
}

function closing(text: string, quote: string): number {
  for (let at = 0; at < text.length; at++) {
    if (quote === '"' && text[at] === '\\') at++;
    else if (text[at] === quote) return at;
  }
  return -1;
}

function escapes(text: string): string {
  return text.replace(/\\([nrtfv"\\$])/g, (_, sign: string) => {
    if (sign === '$') return '$$';
    return { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' }[sign] ?? sign;
  });
}

/** What is no use of a variable stays as it stands. */
function expanded(text: string, variables: Variables): string {
  const { text: result, problem } = interpolate(text, variables);
  return problem === undefined ? result : text;
}
