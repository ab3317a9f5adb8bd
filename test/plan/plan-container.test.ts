import { describe, expect, test } from 'vitest';
import type { Desired } from '../../src/plan/desired.ts';
import { formatPlan } from '../../src/plan/format-plan.ts';
import type { Observed } from '../../src/plan/observed.ts';
import { planContainer } from '../../src/plan/plan-container.ts';
import { aContainer, aDesired, anExited, anImage, anObserved, aSpec } from '../support/plan-builders.ts';

const planned = (desired: Desired, observed: Observed): string =>
  formatPlan(planContainer(desired, observed));
const changed = aSpec({ env: { A: '1' } });

describe('a container that is not there', () => {
  test('is made and started after its image, networks and volumes are there', () => {
    const spec = aSpec({ network: 'net', volumes: [{ name: 'data', container: '/data' }] });
    expect(planned(aDesired({ spec }), anObserved({ image: 'absent' }))).toBe(`\
pull_image redis:7 (image absent)
create_network net (network absent)
create_volume data (volume absent)
create_container cache (missing)
start_container cache (missing)`);
  });

  test('uses what is there already and is ours', () => {
    const spec = aSpec({ network: 'net', volumes: [{ name: 'data', container: '/data' }] });
    const observed = anObserved({ networks: { net: 'ours' }, volumes: { data: 'ours' } });
    expect(planned(aDesired({ spec }), observed)).toBe(`\
create_container cache (missing)
start_container cache (missing)`);
  });

  test('is only made when it is desired created, and not at all when it is desired stopped or removed', () => {
    expect(planned(aDesired({ state: 'created' }), anObserved())).toBe('create_container cache (missing)');
    expect(planned(aDesired({ state: 'stopped' }), anObserved())).toBe('');
    expect(planned(aDesired({ state: 'removed' }), anObserved())).toBe('');
  });

  test.for(['bridge', 'host', 'none'])('joins the engine’s own network %s without making it', (network) => {
    expect(planned(aDesired({ spec: aSpec({ network }) }), anObserved())).not.toContain('create_network');
  });
});

describe('a container that is as desired', () => {
  test('is adopted in silence', () => {
    expect(planned(aDesired(), anObserved({ container: aContainer() }))).toBe('');
    expect(planned(aDesired({ started: true }), anObserved({ container: aContainer() }))).toBe('');
  });

  test('is left alone while it is paused, or restarted by the engine', () => {
    expect(planned(aDesired(), anObserved({ container: aContainer({ state: 'paused' }) }))).toBe('');
    expect(planned(aDesired(), anObserved({ container: aContainer({ state: 'restarting' }) }))).toBe('');
  });

  test('is started when it was made and never started', () => {
    expect(planned(aDesired(), anObserved({ container: aContainer({ state: 'created' }) }))).toBe(
      'start_container cache (not started yet)',
    );
  });

  test('is started when it was meant to run and ended against its policy', () => {
    expect(planned(aDesired({ started: true }), anObserved({ container: anExited(137) }))).toBe(
      'start_container cache (meant to run)',
    );
  });

  test('is not started again once it has ended as its policy allows, until a new generation', () => {
    const observed = anObserved({ container: anExited(0) });
    expect(planned(aDesired({ started: true }), observed)).toBe('');
    expect(planned(aDesired({ started: false }), observed)).toBe('start_container cache (meant to run)');
  });

  test('is not started again when a start of this generation is seen to have been made, whoever made it', () => {
    const seen = anExited(0);
    const observed = anObserved({ container: seen });
    const started = (engine_id: string, started_at: string | null): string =>
      planned(aDesired({ begun: { engine_id, started_at } }), observed);
    expect(started(seen.id, null)).toBe('');
    expect(started(seen.id, '2025-12-31T00:00:00Z')).toBe('');
    expect(started(seen.id, seen.started_at ?? '')).toBe('start_container cache (meant to run)');
    expect(started('another', null)).toBe('start_container cache (meant to run)');
  });

  test('needs neither its image’s tag nor a pull', () => {
    expect(planned(aDesired(), anObserved({ container: aContainer(), image: 'absent' }))).toBe('');
  });

  test('gets its name back', () => {
    expect(planned(aDesired(), anObserved({ container: aContainer({ name: 'other' }) }))).toBe(
      'rename_container other → cache (name changed)',
    );
  });
});

describe('a changed spec', () => {
  test('keeps the old container until the new one is made, and its place until the new one runs', () => {
    expect(planned(aDesired({ spec: changed }), anObserved({ container: aContainer() }))).toBe(`\
rename_container cache → cache.berth-old (spec changed)
create_container cache (spec changed)
stop_container cache.berth-old (spec changed)
start_container cache (spec changed)
remove_container cache.berth-old (spec changed)`);
  });

  test('pulls a changed image before anything is touched', () => {
    expect(
      planned(
        aDesired({ spec: aSpec({ image: 'redis:8' }) }),
        anObserved({ container: aContainer(), image: 'absent' }),
      ),
    ).toBe(`\
pull_image redis:8 (image absent)
rename_container cache → cache.berth-old (image changed)
create_container cache (image changed)
stop_container cache.berth-old (image changed)
start_container cache (image changed)
remove_container cache.berth-old (image changed)`);
  });

  test('is told by the image’s id, not by its text', () => {
    const moved = anObserved({ container: aContainer(), image: anImage({ id: 'sha256:other' }) });
    expect(planned(aDesired(), moved)).toContain('create_container cache (image changed)');
    for (const image of ['docker.io/library/redis:7', 'redis:seven'])
      expect(planned(aDesired({ spec: aSpec({ image }) }), anObserved({ container: aContainer() }))).toBe('');
    const text = aDesired({ spec: aSpec({ image: 'docker.io/library/redis:7' }) });
    expect(planned(text, anObserved({ container: aContainer(), image: 'absent' }))).toBe('');
  });

  test('names the fields that can be seen to differ', () => {
    const spec = aSpec({
      network: 'net',
      labels: { a: 'b' },
      interactive: true,
      volumes: [{ name: 'data', container: '/data' }],
      ports: [{ container: 80 }],
    });
    expect(planned(aDesired({ spec }), anObserved({ container: aContainer() }))).toContain(
      'create_container cache (spec changed: network, ports, volumes, labels, interactive)',
    );
  });

  test('starts nothing when it is desired created', () => {
    expect(
      planned(aDesired({ spec: changed, state: 'created' }), anObserved({ container: anExited(1) })),
    ).toBe(`\
rename_container cache → cache.berth-old (spec changed)
create_container cache (spec changed)
remove_container cache.berth-old (spec changed)`);
  });

  test('keeps anonymous volumes, but for paths where something else is mounted now', () => {
    const volume = { type: 'volume', anonymous: true, mode: 'rw' } as const;
    const container = aContainer({
      mounts: [
        { ...volume, container: '/data', source: 'v1' },
        { ...volume, container: '/other', source: 'v2' },
        { ...volume, container: '/named', source: 'data', anonymous: false },
      ],
    });
    const spec = aSpec({ volumes: [{ name: 'other', container: '/other' }] });
    const plan = planContainer(aDesired({ spec }), anObserved({ container }));
    const actions = plan.kind === 'steps' ? plan.steps.map(({ action }) => action) : [];
    expect(actions).toContainEqual(
      expect.objectContaining({ type: 'create_container', keep_volumes: { '/data': 'v1' } }),
    );
    expect(actions).toContainEqual(
      expect.objectContaining({ type: 'remove_container', anonymous_volumes: false }),
    );
  });

  test('lets go of a network that nobody else wants', () => {
    const container = aContainer({}, aSpec({ network: 'before' }));
    const observed = anObserved({ container, networks: { after: 'ours' }, releasable: ['before', 'after'] });
    expect(planned(aDesired({ spec: aSpec({ network: 'after' }) }), observed)).toMatch(
      /\nremove_network before \(last user gone\)\nremove_container cache.berth-old \(.*\)$/,
    );
  });

  test('waits for a change of mind once its replacement has failed', () => {
    expect(
      planned(
        aDesired({ spec: changed, held_back: true, started: true }),
        anObserved({ container: aContainer() }),
      ),
    ).toBe('');
  });

  test('replaces what is dead, and waits for the end of what is being removed', () => {
    expect(planned(aDesired(), anObserved({ container: aContainer({ state: 'dead' }) }))).toContain(
      'create_container cache (dead)',
    );
    const going = aContainer({ state: 'removing' });
    const waits = { kind: 'waiting', message: 'the engine is removing the container cache' };
    expect(planContainer(aDesired(), anObserved({ container: going }))).toEqual(waits);
    const aside = { ...going, name: 'cache.berth-old' };
    for (const state of ['running', 'created', 'stopped'] as const)
      expect(planContainer(aDesired({ state }), anObserved({ set_aside: aside }))).toMatchObject({
        kind: 'waiting',
      });
    expect(planned(aDesired({ state: 'removed' }), anObserved({ container: going }))).toContain(
      'remove_container cache',
    );
  });
});

describe('what is somebody else’s', () => {
  test('and has the name is refused with its id, and never touched', () => {
    const observed = anObserved({ foreign: aContainer({ id: 'deadbeef0000ffff' }) });
    for (const state of ['running', 'created'] as const)
      expect(planned(aDesired({ state }), observed)).toBe(
        'refused: the name cache is taken by container deadbeef0000, which is not of this Berth',
      );
    for (const state of ['stopped', 'removed'] as const)
      expect(planned(aDesired({ state }), observed)).toBe('');
  });

  test('is refused as a network or volume, when something would be made on it', () => {
    const spec = aSpec({ network: 'net', volumes: [{ name: 'data', container: '/data' }] });
    expect(
      planned(aDesired({ spec }), anObserved({ networks: { net: 'foreign' }, volumes: { data: 'ours' } })),
    ).toBe('refused: the network net (id-of-net) is there already and not of this Berth');
    expect(
      planned(aDesired({ spec }), anObserved({ networks: { net: 'ours' }, volumes: { data: 'foreign' } })),
    ).toBe('refused: the volume data is there already and not of this Berth');
  });

  test('does not keep us from stopping and removing what is ours', () => {
    const spec = aSpec({ network: 'net' });
    const observed = anObserved({ container: aContainer({}, spec), networks: { net: 'foreign' } });
    expect(planned(aDesired({ spec, state: 'stopped' }), observed)).toBe(
      'stop_container cache (desired stopped)',
    );
    expect(planned(aDesired({ spec, state: 'removed' }), observed)).toContain('remove_container cache');
  });
});

describe('stopping and removing', () => {
  test('a running container is stopped, in the time that was asked for', () => {
    const plan = planContainer(
      aDesired({ state: 'stopped', stop_timeout: 3, spec: aSpec({ stop_timeout: 7 }) }),
      anObserved({ container: aContainer({}, aSpec({ stop_timeout: 7 })) }),
    );
    expect(plan).toMatchObject({ steps: [{ action: { type: 'stop_container', timeout: 3 } }] });
    expect(planned(aDesired({ state: 'stopped' }), anObserved({ container: anExited(0) }))).toBe('');
  });

  test('a removal takes the container, its anonymous volumes and the networks that only it used', () => {
    const container = aContainer({
      mounts: [{ type: 'volume', container: '/data', source: 'a'.repeat(64), anonymous: true, mode: 'rw' }],
    });
    const aside = anExited(0, { id: 'c1', name: 'cache.berth-old' });
    expect(
      planned(
        aDesired({ state: 'removed' }),
        anObserved({ container, set_aside: aside, releasable: ['net'] }),
      ),
    ).toBe(`\
stop_container cache (no longer desired)
remove_container cache (no longer desired)
remove_container cache.berth-old (no longer desired)
remove_volume aaaaaaaaaaaa (anonymous)
remove_network net (last user gone)`);
    const later = aDesired({ state: 'removed', leaving: ['b'.repeat(64)] });
    expect(planned(later, anObserved({}))).toBe('remove_volume bbbbbbbbbbbb (anonymous)');
    const keeping = planContainer(
      aDesired({ state: 'removed', keep_volumes: true }),
      anObserved({ container, set_aside: aside, releasable: ['net'] }),
    );
    expect(keeping).toMatchObject({
      steps: [
        { action: { type: 'stop_container' } },
        { action: { type: 'remove_container', anonymous_volumes: false } },
        { action: { type: 'remove_container', anonymous_volumes: false } },
        { action: { type: 'remove_network' } },
      ],
    });
  });
});

describe('a container whose image is built', () => {
  const spec = aSpec({ image: 'app:1', build: { context: '/app', hash: 'a'.repeat(32) } });
  const built = anImage({ labels: { 'berth.build': 'a'.repeat(32) } });

  test('has it built before it is made, and not pulled', () => {
    expect(planned(aDesired({ spec }), anObserved({ image: 'absent' }))).toBe(`\
build_image app:1 (image absent)
create_container cache (missing)
start_container cache (missing)`);
    expect(planned(aDesired({ spec }), anObserved({ image: built }))).not.toContain('build_image');
  });

  test('has it built anew when what it is built from is another, before the former one stops', () => {
    const container = aContainer({ labels: { ...aContainer().labels, 'berth.build': 'b'.repeat(32) } });
    const image = anImage({ labels: { 'berth.build': 'b'.repeat(32) } });
    expect(planned(aDesired({ spec }), anObserved({ container, image })).split('\n')[0]).toBe(
      'build_image app:1 (built from something else)',
    );
    const same = aContainer({ labels: { ...aContainer().labels, 'berth.build': 'a'.repeat(32) } });
    expect(planned(aDesired({ spec }), anObserved({ container: same, image: built }))).toBe('');
  });
});
