/** The engine’s filters: labels, where an empty value means any, whether something uses it, and how it ended. */
export function listFilter({
  labels = {},
  dangling,
  exit_code,
}: {
  readonly labels?: Readonly<Record<string, string>>;
  readonly dangling?: boolean;
  readonly exit_code?: number | undefined;
}): string | undefined {
  const wanted = Object.entries(labels).map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  const filters = {
    ...(wanted.length > 0 && { label: wanted }),
    ...(dangling !== undefined && { dangling: [String(dangling)] }),
    ...(exit_code !== undefined && { exited: [String(exit_code)] }),
  };
  return Object.keys(filters).length === 0 ? undefined : JSON.stringify(filters);
}
