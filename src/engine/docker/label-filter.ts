/** The engine’s label filter; an empty value means any. */
export function labelFilter(labels: Readonly<Record<string, string>> = {}): string | undefined {
  const wanted = Object.entries(labels).map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  return wanted.length === 0 ? undefined : JSON.stringify({ label: wanted });
}
