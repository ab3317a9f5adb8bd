/** The engine’s filters: labels, where an empty value means any, and whether something uses it. */
export function listFilter({
  labels = {},
  dangling,
}: {
  readonly labels?: Readonly<Record<string, string>>;
  readonly dangling?: boolean;
}): string | undefined {
  const wanted = Object.entries(labels).map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  const filters = {
    ...(wanted.length > 0 && { label: wanted }),
    ...(dangling !== undefined && { dangling: [String(dangling)] }),
  };
  return Object.keys(filters).length === 0 ? undefined : JSON.stringify(filters);
}
