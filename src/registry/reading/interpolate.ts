/** Variables by name; the environment of the process, handed in. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Interpolated {
  readonly text: string;
  /** True when a variable was put in. */
  readonly changed: boolean;
  /** The first few. */
  readonly problems: readonly string[];
}

const MAX_PROBLEMS = 5;
/** No brace inside of braces, so that a text full of `${` is not searched to its end from each of them. */
const MARK = /\$\$|\$\{([^{}]*)\}|\$\{/g;
const REFERENCE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/;

/**
 * Puts variables into a text: `${VAR}`, `${VAR:-x}` (x when it is unset or empty) and `$$` for a dollar. A dollar before
 * anything else stays. A variable that is unset and has no default is a problem that names it.
 */
export function interpolate(text: string, environment: Environment): Interpolated {
  if (!text.includes('$')) return { text, changed: false, problems: [] };
  const problems: string[] = [];
  let changed = false;
  const result = text.replace(MARK, (mark: string, inside: string | undefined) => {
    if (mark === '$$') return '$';
    const [, name, fallback] = REFERENCE.exec(inside ?? '') ?? [];
    if (name === undefined) {
      problems.push(
        `\`${mark}\` is no reference to a variable; write \`\${NAME}\`, \`\${NAME:-default}\`, or \`$$\` for a dollar`,
      );
      return mark;
    }
    changed = true;
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (fallback !== undefined)
      return value === undefined || value === '' ? fallback.replaceAll('$$', () => '$') : value;
    if (value !== undefined) return value;
    problems.push(`the variable ${name} is not set; set it, or write \`\${${name}:-default}\``);
    return mark;
  });
  return { text: result, changed, problems: problems.slice(0, MAX_PROBLEMS) };
}
