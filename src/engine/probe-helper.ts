import { isContractError } from '../../contracts/contract-error.ts';
import type { Engine } from './engine.ts';
import { containerLabels, type Identity, LABEL, ownership } from './labels.ts';

const PREFIX = 'probe:';

/** A run of a container in whose network a helper is. */
export interface Helped {
  readonly engine_id: string;
  readonly started_at: string;
}

type Labels = Readonly<Record<string, string>>;

/** Engine id of the container that it helps to look at; undefined when this is no helper of ours. */
export function helpedBy(identity: Identity, labels: Labels): string | undefined {
  const id = labels[LABEL.id] ?? '';
  if (!id.startsWith(PREFIX) || ownership(identity, 'container', id, labels) === 'foreign') return undefined;
  return id.slice(PREFIX.length);
}

export function helperName(engine_id: string): string {
  return `berth-probe-${engine_id.slice(0, 12)}`;
}

/**
 * A small container in the network of another one, which does nothing until it is asked to; the one that is there is used, whoever
 * made it. Its image must be there, with busybox’s programs. Returns its engine id. Throws name_conflict when something else has its name, and
 * what `create` and `start` throw.
 */
export async function ensureHelper(
  engine: Engine,
  identity: Identity,
  { engine_id, started_at, image }: Helped & { readonly image: string },
  signal: AbortSignal,
): Promise<string> {
  const name = helperName(engine_id);
  try {
    return await makeHelper(engine, identity, { engine_id, started_at, image }, signal);
  } catch (error) {
    if (!isContractError(error, 'name_conflict')) throw error;
    const seen = await engine.containers.inspect(name, signal);
    if (seen !== undefined && helpedBy(identity, seen.labels) !== engine_id) throw error;
    // That of a former run is in a network that is no more.
    if (seen?.state === 'running' && seen.labels[LABEL.hash] === started_at) return seen.id;
    await engine.containers.remove(name, { force: true, anonymous_volumes: true }, signal);
    return makeHelper(engine, identity, { engine_id, started_at, image }, signal);
  }
}

async function makeHelper(
  engine: Engine,
  identity: Identity,
  { engine_id, started_at, image }: Helped & { readonly image: string },
  signal: AbortSignal,
): Promise<string> {
  const { id } = await engine.containers.create(
    {
      name: helperName(engine_id),
      spec: {
        image,
        entrypoint: ['sleep'],
        args: ['2147483647'],
        network_mode: `container:${engine_id}`,
        cap_drop: ['ALL'],
        read_only: true,
        health_check: { test: ['NONE'] },
      },
      restart_policy: 'no',
      aliases: [],
      labels: containerLabels(identity, `${PREFIX}${engine_id}`, started_at),
      keep_volumes: {},
    },
    signal,
  );
  try {
    await engine.containers.start(id, signal);
  } catch (error) {
    await engine.containers.remove(id, { force: true, anonymous_volumes: true });
    throw error;
  }
  return id;
}

/** Removed, if it is there and ours. */
export async function removeHelper(
  engine: Engine,
  identity: Identity,
  engine_id: string,
  signal?: AbortSignal,
): Promise<void> {
  const seen = await engine.containers.inspect(helperName(engine_id), signal);
  if (seen === undefined || helpedBy(identity, seen.labels) !== engine_id) return;
  await engine.containers.remove(seen.id, { force: true, anonymous_volumes: true }, signal);
}

/** Remove the helpers of containers that nobody looks at any more. Returns how many there were. */
export async function sweepHelpers(
  engine: Engine,
  identity: Identity,
  isLookedAt: (engine_id: string) => boolean,
  signal?: AbortSignal,
): Promise<number> {
  let count = 0;
  const filter = { labels: { [LABEL.instance]: identity.instance } };
  for (const { id, labels } of await engine.containers.list(filter, signal)) {
    const engine_id = helpedBy(identity, labels);
    if (engine_id === undefined || isLookedAt(engine_id)) continue;
    await engine.containers.remove(id, { force: true, anonymous_volumes: true }, signal);
    count += 1;
  }
  return count;
}
