/** Variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

export interface Interpolated {
  readonly text: string;
  /** Variables that are not set and have no default: Compose takes an empty text for each. */
  readonly unset: readonly string[];
  /** Why it cannot be used. */
  readonly problem?: string;
}

const NAME = /^[_a-zA-Z][_a-zA-Z0-9]*/;
const OPERATORS = [':-', ':?', ':+', '-', '?', '+'] as const;

/**
 * Puts variables into a text as Compose does: `$A`, `${A}`, `${A:-default}`, `${A-default}`, `${A:?message}`, `${A?message}`, `${A:+other}`,
 * `${A+other}`, each inside of each other, and `$$` for a dollar.
 */
export function interpolate(text: string, variables: Variables): Interpolated {
  if (!text.includes('$')) return { text, unset: [] };
  const unset = new Set<string>();
  try {
    return { text: replaced(text, variables, unset), unset: [...unset] };
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    return { text, unset: [], problem: error.message };
  }
}

class Unusable extends Error {}

function replaced(text: string, variables: Variables, unset: Set<string>): string {
  let result = '';
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf('$', at);
    if (dollar === -1) return result + text.slice(at);
    result += text.slice(at, dollar);
    const rest = text.slice(dollar + 1);
    if (rest.startsWith('$')) {
      result += '$';
      at = dollar + 2;
    } else if (rest.startsWith('{')) {
      const end = closing(rest);
      if (end === -1) throw new Unusable(`\`\${${rest.slice(1, 30)}\` has no closing }`);
      result += braced(rest.slice(1, end), variables, unset);
      at = dollar + 1 + end + 1;
    } else {
      const [name] = NAME.exec(rest) ?? [];
      // A dollar before anything else is one.
      result += name === undefined ? '$' : (lookUp(name, variables) ?? missing(name, unset));
      at = dollar + 1 + (name?.length ?? 0);
    }
  }
  return result;
}

/** The brace that closes the one at the beginning. */
function closing(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '{' && (at === 0 || text[at - 1] === '$')) depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}

function braced(inside: string, variables: Variables, unset: Set<string>): string {
  const [name] = NAME.exec(inside) ?? [];
  if (name === undefined) throw new Unusable(`\`\${${inside}}\` names no variable; write $$ for a dollar`);
  const rest = inside.slice(name.length);
  const value = lookUp(name, variables);
  if (rest === '') return value ?? missing(name, unset);
  const operator = OPERATORS.find((one) => rest.startsWith(one));
  if (operator === undefined)
    throw new Unusable(`\`\${${inside}}\` is no way to use a variable; write $$ for a dollar`);
  const word = rest.slice(operator.length);
  const has = value !== undefined && (operator.length === 1 || value !== '');
  switch (operator) {
    case ':-':
    case '-':
      return has ? value : replaced(word, variables, unset);
    case ':+':
    case '+':
      return has ? replaced(word, variables, unset) : '';
    case ':?':
    case '?': {
      if (has) return value;
      const said = replaced(word, variables, unset);
      throw new Unusable(`the variable ${name} must be set${said === '' ? '' : `: ${said}`}`);
    }
  }
}

function lookUp(name: string, variables: Variables): string | undefined {
  return Object.hasOwn(variables, name) ? variables[name] : undefined;
}

function missing(name: string, unset: Set<string>): string {
  unset.add(name);
  return '';
}
