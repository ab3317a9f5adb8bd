/** One container’s entry as YAML, to stand below `entries:`; `more` is written under it, a field a line. */
export function anEntry(name: string, ...more: readonly string[]): string {
  const head = `  - name: ${name}\n    kind: registry.entry\n    meta: { type: docker.container }\n`;
  return head + more.map((line) => `    ${line}\n`).join('');
}

/** A registry file of that namespace. */
export function anIndex(namespace: string, ...entries: readonly string[]): string {
  return `version: "1.0"\nnamespace: ${namespace}\nentries:\n${entries.join('')}`;
}
