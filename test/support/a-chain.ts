/** One container’s entry. */
export const entry = (name: string, ...more: string[]): string => `  - name: ${name}
    kind: registry.entry
    meta: { type: docker.container }
    image: busybox:latest
    stop_timeout: 1
${more.map((line) => `    ${line}\n`).join('')}`;
export const SLEEP = 'command: sleep 3600';
/** A group of an init, a database that needs a moment, and what needs that; and two on their own. */
export const chain = (...more: string[]): string =>
  `namespace: dep\nentries:\n${[
    entry('dep-migrate', 'group: dep', 'role: init', "command: [sh, -c, 'sleep 1; echo migrated']"),
    entry(
      'dep-db',
      'group: dep',
      "command: [sh, -c, 'sleep 1; touch /ready; sleep 3600']",
      'health_check: { test: [CMD, test, -e, /ready], interval: 500ms, retries: 60 }',
    ),
    entry('dep-web', 'group: dep', SLEEP, 'depends_on: { dep-db: { condition: healthy, restart: true } }'),
    entry('dep-free', SLEEP),
    entry(
      'dep-calm',
      SLEEP,
      'depends_on: { dep-nobody: { required: false }, dep-db: { condition: healthy } }',
    ),
    ...more,
  ].join('')}`;
