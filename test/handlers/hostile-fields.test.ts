import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContainerSpec } from '../../contracts/container-spec.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import { toDocker } from '../../src/engine/to-docker.ts';
import { aDoor, type Door } from '../support/a-door.ts';
import { FIELD_ROWS } from '../support/field-rows.ts';

let door: Door;
beforeAll(async () => {
  door = await aDoor();
});
afterAll(() => door[Symbol.asyncDispose]());

/** What somebody may send in place of anything. */
const HOSTILE: readonly unknown[] = [
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    'a\nb',
    'a\r\nb: c',
    '\u202e\ud800',
    '${HOME}',
    '%00',
    '__proto__',
    'constructor',
  ],
  ...['../../etc/passwd', '/../..', '/a/../../etc', './x', '~root/x', '-v', '--privileged', '--', '-'],
  ...['$(touch /tmp/x)', '; reboot', 'a:b:c:d', 'a=b=c', '?force=1&v=1', 'x'.repeat(2_000_000), '🐳'],
  ...[0, -1, -0, 0.1, -1e300, 1e300, 2 ** 31, 2 ** 53, 2 ** 63, Number.MAX_VALUE, '1e400', '9'.repeat(400)],
  ...[null, true, false, [], {}, [[]], [null], [{}], { a: null }, { toString: 1 }, ['\0'], { '\0': '\0' }],
  ...[JSON.parse('{"__proto__": {"polluted": true}}'), JSON.parse('{"__proto__": "x"}')],
  Array.from({ length: 5000 }, () => 'a'),
  nested(5000),
];

function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

/** A value with each of its leaves, its keys and itself in turn replaced. */
function* spoiled(value: unknown, by: unknown): Generator<unknown> {
  yield by;
  if (Array.isArray(value)) {
    for (const [index, one] of value.entries())
      for (const other of spoiled(one, by)) yield value.with(index, other);
    yield [...value, by];
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) {
      for (const other of spoiled(one, by)) yield { ...value, [key]: other };
      if (typeof by === 'string')
        yield Object.fromEntries([...Object.entries(value), [by, one]].filter(([name]) => name !== key));
    }
    yield { ...value, nonsense: by };
  }
}

/** They are read as something else, or are no text of the engine’s: commands are split, sizes and times counted, some is ours alone. */
const READ: ReadonlySet<string> = new Set([
  ...['command', 'entrypoint', 'image', 'platform', 'build', 'pull_policy', 'auto_remove'],
  ...['depends_on', 'role', 'probes', 'on_unhealthy', 'logging', 'extra_hosts', 'files'],
]);

function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => [key, ...texts(one)]);
}

/** What goes to the engine: nothing but finite numbers and text without NUL, and what was said in it as it was said. */
function harm(field: string, spec: ContainerSpec): string | undefined {
  const request = { name: 'one', restart_policy: 'no', aliases: [], labels: {}, keep_volumes: {} };
  const sent = JSON.stringify(toDocker({ ...request, spec }, '1.45'), (key, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${key} is ${value}`);
    return value;
  });
  if (sent.includes('\\u0000')) return 'has a NUL';
  const said = READ.has(field) ? [] : texts(Reflect.get(spec, field));
  const keys = new Set(texts(Object.keys(FIELD_ROWS)));
  const hostile = HOSTILE.filter((one): one is string => typeof one === 'string' && one.length > 2);
  const lost = said
    .filter((text) => !keys.has(text) && hostile.includes(text))
    .find((text) => !sent.includes(JSON.stringify(text).slice(1, -1)));
  return lost === undefined ? undefined : `lost ${lost.slice(0, 40)}`;
}

const FIELDS = Object.entries(FIELD_ROWS) as readonly [keyof ContainerSpec, (typeof FIELD_ROWS)['image']][];

test.each(FIELDS)(
  '%s takes nothing hostile: it is refused with its path, or reaches the engine unharmed',
  async (field, { given }) => {
    const wrong: string[] = [];
    let refused = 0;
    for (const by of HOSTILE)
      for (const value of spoiled(Reflect.get(given, field), by)) {
        const shown = (): string => `${field}: ${JSON.stringify(value)?.slice(0, 200)}`;
        try {
          const input = { image: 'busybox:latest', ...given, [field]: value } as Parameters<
            Door['docker']['create']
          >[0];
          const { id } = await door.docker.create(input);
          const spec = door.store.containers.get(id)?.spec ?? {};
          const harmed = harm(field, spec);
          if (harmed !== undefined) wrong.push(`${shown()} ${harmed}`);
        } catch (error) {
          refused++;
          if (!isContractError(error)) throw error;
          const paths = (error.problems ?? []).map(({ path }) => path.split('.')[0]);
          if (error.code !== 'invalid_input') wrong.push(`${shown()} is ${error.code}: ${error.message}`);
          else if (!paths.includes(field) && !error.message.includes(field))
            wrong.push(`${shown()} is refused at ${paths}: ${error.message.slice(0, 200)}`);
        }
      }
    expect(refused).toBeGreaterThan(10);
    expect(wrong.slice(0, 20)).toEqual([]);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  },
);
