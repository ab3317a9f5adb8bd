import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Room {
  readonly rooms: readonly string[];
  readonly packages: readonly string[];
}

/** Who may import whom: the table of src/README.md. `node:` modules are everybody’s, but for what the rules below say. */
const ROOMS: Readonly<Record<string, Room>> = {
  contracts: { rooms: [], packages: ['zod'] },
  migrations: { rooms: [], packages: ['kysely'] },
  'src/runtime': { rooms: ['contracts'], packages: ['zod', 'pino', 'pino-pretty', 'fastest-levenshtein'] },
  'src/plan': { rooms: ['contracts'], packages: [] },
  'src/bus': { rooms: ['contracts', 'src/runtime'], packages: ['eventemitter3'] },
  // BuildKit asks for credentials and secrets over gRPC, and tells its steps in protobuf. Files go into containers as tars.
  'src/engine': {
    rooms: ['contracts', 'src/plan', 'src/runtime'],
    packages: ['dockerode', 'zod', '@grpc/grpc-js', 'protobufjs', 'tar-stream'],
  },
  // tar-stream packs contexts; .dockerignore has rules of its own.
  'src/build': { rooms: ['contracts', 'src/runtime'], packages: ['tar-stream', '@balena/dockerignore'] },
  'src/private-engine': { rooms: ['contracts', 'src/runtime'], packages: ['zod'] },
  'src/store': {
    rooms: ['contracts', 'src/plan', 'migrations', 'src/runtime'],
    packages: ['kysely', 'better-sqlite3'],
  },
  // Compose files: texts to entries.
  'src/compose': { rooms: ['contracts', 'src/runtime'], packages: ['yaml', 'zod'] },
  // zod: entries are parsed here.
  'src/registry': {
    rooms: ['contracts', 'src/plan', 'src/build', 'src/compose', 'src/runtime'],
    packages: ['yaml', 'chokidar', 'semver', 'zod'],
  },
  // zod: the one door validates.
  'src/dispatch': { rooms: ['contracts', 'src/runtime'], packages: ['zod'] },
  'src/reconcile': { rooms: ['contracts', 'src/plan', 'src/engine', 'src/runtime'], packages: [] },
  'src/handlers': {
    rooms: [
      'contracts',
      'src/plan',
      'src/build',
      'src/engine',
      'src/store',
      'src/bus',
      'src/registry',
      'src/runtime',
    ],
    packages: [],
  },
  'src/worker': {
    rooms: [
      'contracts',
      'src/plan',
      'src/build',
      'src/engine',
      'src/store',
      'src/bus',
      'src/reconcile',
      'src/runtime',
    ],
    // re2js: patterns of probes, in linear time whatever they are.
    packages: ['zod', 're2js'],
  },
  'src/supervisor': {
    rooms: [
      'contracts',
      'src/plan',
      'src/build',
      'src/engine',
      'src/store',
      'src/bus',
      'src/compose',
      'src/registry',
      'src/runtime',
    ],
    packages: [],
  },
  'src/server': {
    rooms: ['contracts', 'src/dispatch', 'src/bus', 'src/runtime'],
    packages: ['fastify', 'ws', 'zod'],
  },
  'src/cli': {
    rooms: ['contracts', 'src/dispatch', 'src/bus', 'src/runtime'],
    packages: ['commander', 'cli-table3', 'log-update', 'tar-stream', 'zod'],
  },
  // Validate, plan and down without a daemon: an operator's errands through the whole house but its doors.
  'src/operator': {
    rooms: [
      'contracts',
      'src/plan',
      'src/engine',
      'src/store',
      'src/bus',
      'src/compose',
      'src/registry',
      'src/reconcile',
      'src/worker',
      'src/runtime',
    ],
    packages: ['tar-stream'],
  },
};

/** They put the house together, and may see all of it. */
const COMPOSITION = new Set([
  'src/app.ts',
  'src/house.ts',
  'src/connect.ts',
  'src/process-api.ts',
  'src/index.ts',
  'src/version.ts',
  'src/cli/main.ts',
  'src/cli/command-line.ts',
  'src/cli/create-deps.ts',
  'src/cli/complete-line.ts',
  'src/cli/private-engine.ts',
  'src/worker/main.ts',
  'src/worker/worker-process.ts',
  'src/engine/memory/main.ts',
  'src/operator/down.ts',
]);
/** The second comes before anything else is loaded, zod, too. */
const READ_THE_ENVIRONMENT = new Set(['src/runtime/config.ts', 'src/runtime/keep-compiled.ts']);
const BARRELS = new Set(['contracts/index.ts', 'src/index.ts', 'migrations/index.ts']);
const LONGEST = 300;

const files = ['contracts', 'migrations', 'src'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path)),
);
const sources = new Map(files.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
const IMPORT = /^(?:import|export)\b[^'"]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

const importsOf = (path: string): readonly string[] =>
  [...(sources.get(path) ?? '').matchAll(IMPORT)].map(
    ([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '',
  );
const local = (path: string, spec: string): string => relative(ROOT, resolve(ROOT, dirname(path), spec));
const roomOf = (path: string): string =>
  Object.keys(ROOMS).find((room) => path.startsWith(`${room}/`)) ?? path;
const packageOf = (spec: string): string =>
  spec
    .split('/')
    .slice(0, spec.startsWith('@') ? 2 : 1)
    .join('/');

describe('the house', () => {
  test('every file is in a room that the table knows, or puts the house together', () => {
    expect(files.filter((path) => !(roomOf(path) in ROOMS) && !COMPOSITION.has(path))).toEqual([]);
  });

  test('every import is one that the table allows', () => {
    const wrong = files
      .filter((path) => !COMPOSITION.has(path))
      .flatMap((path) =>
        importsOf(path).flatMap((spec) => {
          const allowed = ROOMS[roomOf(path)];
          if (spec.startsWith('node:')) return [];
          if (!spec.startsWith('.'))
            return allowed?.packages.includes(packageOf(spec)) ? [] : [`${path} imports ${spec}`];
          const room = roomOf(local(path, spec));
          return room === roomOf(path) || allowed?.rooms.includes(room)
            ? []
            : [`${path} imports ${local(path, spec)}`];
        }),
      );
    expect(wrong).toEqual([]);
  });

  test('there are no cycles', () => {
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
        return;
      }
      if (done.has(path)) return;
      for (const spec of importsOf(path).filter((one) => one.startsWith('.')))
        visit(local(path, spec), [...trail, path]);
      done.add(path);
    };
    for (const path of files) visit(path, []);
    expect(cycles).toEqual([]);
  });

  test('the environment is read in its places', () => {
    expect(
      files.filter(
        (path) => !READ_THE_ENVIRONMENT.has(path) && /process\.env\b/.test(sources.get(path) ?? ''),
      ),
    ).toEqual([]);
  });

  test('the planner knows no time and no chance', () => {
    const pure = files.filter((path) => path.startsWith('src/plan/') || path.startsWith('src/policy/'));
    expect(
      pure.filter((path) =>
        /Date\.now|new Date\(\)|Math\.random|randomBytes|randomUUID|performance\.now|await |fetch\(/.test(
          sources.get(path) ?? '',
        ),
      ),
    ).toEqual([]);
  });

  test('only the package’s entrances hand on what others export', () => {
    expect(
      files.filter(
        (path) => !BARRELS.has(path) && /^export (?:\*|\{[^}]*\}) from/m.test(sources.get(path) ?? ''),
      ),
    ).toEqual([]);
  });

  test(`no file is longer than ${LONGEST} lines`, () => {
    expect(files.filter((path) => (sources.get(path) ?? '').split('\n').length > LONGEST)).toEqual([]);
  });

  test('no type is let go, no export is a default', () => {
    const loose =
      /(: any\b|<any>|\bas any\b|as unknown as|@ts-ignore|@ts-expect-error|biome-ignore|^export default)/m;
    expect(files.filter((path) => loose.test(sources.get(path) ?? ''))).toEqual([]);
  });

  // `return call()` lets go first what the call still works on.
  test('what holds something until its end waits for what it returns', () => {
    const all = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => join('test', path));
    const texts = [
      ...sources,
      ...all.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')] as const),
    ] as const;
    const HELD = /^( *)await using [^\n]*\n(?:(?:\1[^\n]*)?\n)*?\1(?:if \([^\n]*\) )?return (?:\w+\.)*\w+\(/m;
    expect(texts.filter(([, text]) => HELD.test(text)).map(([path]) => path)).toEqual([]);
  });
});
