import { expect, test } from 'vitest';
import type { ActionType } from '../../src/plan/actions.ts';
import { BUILD_LABEL } from '../../src/plan/build-label.ts';
import type { Desired } from '../../src/plan/desired.ts';
import { HASH_LABEL } from '../../src/plan/drift.ts';
import { DRIFT_CLASSES, type DriftAction, type DriftClass } from '../../src/plan/drift-classes.ts';
import { settingsOf } from '../../src/plan/fields/differences.ts';
import type { Observed } from '../../src/plan/observed.ts';
import { planContainer } from '../../src/plan/plan-container.ts';
import { restingStatus } from '../../src/plan/resting-status.ts';
import {
  aContainer,
  aDesired,
  anExited,
  anImage,
  anObserved,
  aSpec,
  IMAGE_ID,
} from '../support/plan-builders.ts';

const image = anImage();
const aWanted = (spec = aSpec(), given: Partial<Desired> = {}): Desired =>
  aDesired({ spec, started: true, reached: true, applied: true, ...given });
const plain = aWanted();
const onNet = aWanted(aSpec({ network: 'net' }));
const netted = aContainer({}, onNet.spec);
const [there] = netted.networks;
const net = (network_id: string, aliases = there?.aliases ?? []) => ({
  container: { ...netted, networks: [{ network: 'net', network_id, aliases }] },
  networks: { net: 'ours' as const },
});
const peered = aWanted(aSpec({ network_mode: 'container:peer' }));
const linked = aWanted(aSpec({ links: ['peer:p'] }));
const lent = aWanted(aSpec({ volumes_from: ['peer'] }));
const data = (source: string) => [
  { type: 'volume', container: '/data', source, anonymous: true, mode: 'rw' } as const,
];
const stored = aWanted(aSpec({ volumes: [{ name: 'data', container: '/data' }] }));
const hash = 'a'.repeat(64);
const built = aWanted(aSpec({ build: { context: '/src', hash } as never }));

/** Each class as it is found. */
const FOUND: { readonly [C in DriftClass]: readonly [Desired, Observed] } = {
  removed: [plain, anObserved({ image })],
  dead: [plain, anObserved({ container: aContainer({ state: 'dead' }), image })],
  cannot_start: [
    aWanted(aSpec({ restart_policy: 'always' })),
    anObserved({
      container: anExited(
        127,
        { error: 'task: runc: exec: "/bin/app": no such file', restart_policy: 'always' },
        aSpec({ restart_policy: 'always' }),
      ),
      image,
    }),
  ],
  spec: [plain, anObserved({ container: aContainer({ labels: { [HASH_LABEL]: 'another' } }), image })],
  build: [
    built,
    anObserved({
      container: (() => {
        const seen = aContainer({}, built.spec);
        return { ...seen, labels: { ...seen.labels, [BUILD_LABEL]: 'another' } };
      })(),
      image: anImage({ labels: { [BUILD_LABEL]: hash } }),
    }),
  ],
  image: [plain, anObserved({ container: aContainer(), image: anImage({ id: 'sha256:moved' }) })],
  namespace: [
    peered,
    anObserved({
      container: aContainer({ shares: ['former'] }, peered.spec),
      image,
      peers: { peer: aContainer({ id: 'new', name: 'peer' }) },
    }),
  ],
  link: [
    linked,
    anObserved({
      container: aContainer({}, linked.spec),
      image,
      peers: { peer: aContainer({ id: 'new', name: 'peer', created_at: '2026-01-01T00:00:00.6Z' }) },
    }),
  ],
  shared_volumes: [
    lent,
    anObserved({
      container: aContainer({ mounts: data('former') }, lent.spec),
      image,
      peers: { peer: aContainer({ id: 'new', name: 'peer', mounts: data('new') }) },
    }),
  ],
  volume: [
    stored,
    anObserved({
      container: aContainer(
        { mounts: data('data').map((one) => ({ ...one, anonymous: false })) },
        stored.spec,
      ),
      image,
    }),
  ],
  settings: [
    plain,
    anObserved({
      container: aContainer({ settings: { ...settingsOf(plain.spec, image), tty: true } }),
      image,
    }),
  ],
  extra_limit: [
    { ...plain, accepted: { engine_id: aContainer().id, fields: {} } },
    anObserved({ container: aContainer({ cpu_shares: 100 }), image }),
  ],
  limits: [
    aWanted(aSpec({ memory_limit: 64 })),
    anObserved({ container: aContainer({ memory_limit: 32 }, aSpec({ memory_limit: 64 })), image }),
  ],
  off_network: [
    onNet,
    anObserved({ container: { ...netted, networks: [] }, networks: { net: 'ours' }, image }),
  ],
  new_network: [onNet, anObserved({ ...net('f0rmer'), image })],
  alias: [onNet, anObserved({ ...net('', ['other']), image })],
  connection: [
    { ...plain, connections: [{ network: 'more', aliases: [] }] },
    {
      ...anObserved({ container: aContainer(), image }),
      connections: new Map([['more', { seen: { id: 'more' } as never, ownership: 'ours' as const }]]),
    },
  ],
  renamed: [plain, anObserved({ container: aContainer({ name: 'other' }), image })],
  stopped: [plain, anObserved({ container: anExited(137), image })],
  paused: [plain, anObserved({ container: aContainer({ state: 'paused' }), image })],
  dependency: [
    aWanted(aSpec({ depends_on: { peer: {} } as never })),
    anObserved({ container: aContainer({}, aSpec({ depends_on: { peer: {} } as never })), image }),
  ],
  image_of_member: [
    { ...plain, image_id: IMAGE_ID },
    anObserved({ container: aContainer(), image: anImage({ id: 'sha256:moved' }) }),
  ],
};

const MAY: { readonly [A in DriftAction]: readonly ActionType[] } = {
  none: [],
  update: ['update_container'],
  rename: ['rename_container'],
  start: ['start_container'],
  join: ['create_network', 'disconnect_network', 'connect_network'],
  recreate: [
    ...(['build_image', 'create_volume', 'rename_container', 'create_container'] as const),
    ...(['stop_container', 'start_container', 'remove_container'] as const),
  ],
};
const MUST: { readonly [A in DriftAction]: readonly ActionType[] } = {
  ...{ none: [], update: ['update_container'], rename: ['rename_container'], start: ['start_container'] },
  join: ['connect_network'],
  recreate: ['create_container', 'start_container'],
};

test.for(Object.entries(FOUND) as [DriftClass, readonly [Desired, Observed]][])(
  '%s ends in its action, and in no other',
  ([drift, [desired, observed]]) => {
    const plan = planContainer(desired, observed);
    const types = plan.kind === 'steps' ? plan.steps.map(({ action }) => action.type) : [plan];
    const action: DriftAction = DRIFT_CLASSES[drift];
    expect(types.filter((type) => !(MAY[action] as readonly unknown[]).includes(type))).toEqual([]);
    for (const type of MUST[action]) expect(types).toContain(type);
  },
);

test('what has the volumes of another takes none of its former ones along', () => {
  const plan = planContainer(...FOUND.shared_volumes);
  const made = plan.kind === 'steps' ? plan.steps.map(({ action }) => action) : [];
  expect(made.find(({ type }) => type === 'create_container')).toMatchObject({ keep_volumes: {} });
});

test('a link is by address on the engine’s own network alone', () => {
  const [desired, observed] = FOUND.link;
  const named = aWanted({ ...desired.spec, network: 'net' });
  const seen = aContainer({}, named.spec);
  const found = { ...observed, container: { seen, ownership: 'ours' as const } };
  const networks = anObserved({ networks: { net: 'ours' } }).networks;
  expect(planContainer(named, { ...found, networks })).toEqual({ kind: 'steps', steps: [] });
});

test('one that never ran, or whose start fails for what is around it, is started again as it is', () => {
  const wanted = aWanted(aSpec({ restart_policy: 'always' }));
  const [, found] = FOUND.cannot_start;
  const before = found.container?.seen;
  if (before === undefined) throw new Error('no container');
  const { started_at: _, ...never } = before;
  for (const seen of [never, { ...before, exit_code: 128, error: 'port is already allocated' }]) {
    const plan = planContainer(wanted, anObserved({ container: seen, image }));
    expect(plan.kind === 'steps' && plan.steps.map(({ action }) => action.type)).toEqual(['start_container']);
  }
});

test('a pause says what ends it', () => {
  expect(restingStatus(aContainer({ state: 'paused' }), 'running').reason).toEqual({
    code: 'paused',
    message: 'held by a pause until `berth unpause cache`',
  });
});
