/** A flag that may be repeated: all its values. */
export function collected(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** A flag like `name=value` that may be repeated: all of them by name; a name alone has an empty value. */
export function labelled(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  return at < 0 ? { ...before, [text]: '' } : { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
