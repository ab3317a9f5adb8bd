import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ContractError } from '../../contracts/contract-error.ts';
import type { Desired } from '../../src/plan/desired.ts';
import { volumeSteps } from '../../src/plan/steps.ts';
import { prepareVolume } from '../../src/reconcile/prepare-volume.ts';
import { aDockerEngine } from '../support/a-docker-engine.ts';
import type { EngineUnderTest } from '../support/an-engine-under-test.ts';
import { testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { aDesired, aSpec } from '../support/plan-builders.ts';
import { rawEngine } from '../support/raw-engine.ts';

let mine: EngineUnderTest;
const around = () => ({
  engine: mine.engine,
  identity: { instance: 'prepare', key: randomBytes(32) },
  signal: AbortSignal.timeout(60_000),
});

beforeAll(async () => {
  mine = await aDockerEngine('prepare');
});
afterAll(() => mine[Symbol.asyncDispose]());

/** A container of that spec, made and prepared; then what it sees of /run/shared when it runs. */
async function seen(short: string, more: Partial<Desired['spec']>): Promise<string> {
  const name = mine.name(short);
  const volumes = [{ ...more.volumes?.[0], name: `${name}_volume`, container: '/run/shared/' }];
  const spec = aSpec({
    image: 'busybox:latest',
    command: ['stat', '-c', '%u:%g %a', '/run/shared'],
    ...more,
    volumes,
  });
  await mine.engine.volumes.create({ name: mine.name(`${short}_volume`), labels: mine.labels });
  const id = await mine.create(short, { spec });
  for (const { action } of volumeSteps(aDesired({ name, spec }), 'test'))
    if (action.type === 'prepare_volume') {
      await prepareVolume(action, 'made', around());
      await prepareVolume(action, 'made', around());
    }
  await mine.engine.containers.start(id);
  const raw = rawEngine((await testEngine()).socket_path);
  return await eventually(async () => {
    const { body } = await raw.ask('GET', `/containers/${id}/logs?stdout=1&stderr=1`);
    const said = String(body).replace(/[^\x20-\x7e]/g, '');
    expect(said).toMatch(/\d+:\d+ \d+/);
    return /\d+:\d+ \d+/.exec(said)?.[0] ?? '';
  });
}

const shared = (owner: string, permissions?: string): Partial<Desired['spec']> => ({
  volumes: [{ name: 'x', container: '/run/shared', owner, ...(permissions && { permissions }) }],
});

test('a volume has its owner and permissions before its container starts, whoever that runs as', async () => {
  expect(await seen('numbers', shared('2000', 'u=rwX,g=rX,o='))).toBe('2000:2000 750');
  expect(await seen('named', { ...shared('nobody', '2770'), user: '1000:1000' })).toBe('65534:65534 2770');
  expect(await seen('kept', shared('5:6'))).toMatch(/^5:6 755$/);
});

test('a container that is read-only has its volume prepared through another one, which is gone then', async () => {
  expect(await seen('sealed', { ...shared('2000:0', '0700'), read_only: true })).toBe('2000:0 700');
  const names = await rawEngine((await testEngine()).socket_path).names();
  expect(names.filter((name) => name.includes('berth-volume'))).toEqual([]);
});

test('an owner that the image does not know is refused with the name and a way out', async () => {
  const failure = await seen('unknown', shared('uwsgi')).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ContractError);
  expect(failure).toMatchObject({
    code: 'engine_refused',
    message: expect.stringContaining('no user uwsgi; say numbers'),
  });
});
