import type { ContainerBuild } from '../../../contracts/container-fields/build-source.ts';
import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError, isContractError } from '../../../contracts/contract-error.ts';
import { buildHash } from '../../build/build-hash.ts';
import { parseImageReference } from '../../engine/image-reference.ts';
import { needsAbilities } from '../../plan/capabilities/capabilities.ts';
import {
  closureOf,
  cyclePath,
  type GraphNode,
  graphOf,
  namedBy,
  pathText,
} from '../../plan/dependency-graph.ts';
import { MADE_PREFIX } from '../../plan/made.ts';
import { imageOf } from '../../plan/mentioned.ts';
import { restartPolicyOf } from '../../plan/restart-policy.ts';
import { recreateHash, specHash } from '../../plan/spec-hash.ts';
import { readEnvFiles } from '../../registry/read-env-files.ts';
import { newId } from '../../runtime/ids.ts';
import type { ContainerRow, NewContainer } from '../../store/container-row.ts';
import { nodeOf } from '../../store/needed-rows.ts';
import type { ContainerParts } from './parts.ts';

type Create = Handlers<typeof containers>['create'];

/** The row and its subscription in one transaction; a worker does the rest. */
export function create(parts: ContainerParts): Create {
  const { store, journal, hub, clock, poke } = parts;
  return async ({ name: wanted, start = true, if_exists = 'fail', stream, ...given }, { self, signal }) => {
    const spec = await specOf(given);
    await refuseUnsupported(spec, parts, signal);
    const id = newId(MADE_PREFIX, clock.now());
    const name = wanted ?? id.toLowerCase().replace('_', '-');
    refuseNeeds({ id, name, spec }, parts);
    const target = stream === undefined ? undefined : { ...stream, reply_to: stream.reply_to ?? self };
    const columns = columnsOf({ id, name, spec, start, now: clock.now() });
    const there = if_exists === 'fail' ? undefined : holderOf(name, store);
    const told = there === undefined ? 0 : (await journal.state(there.id)).next_seq - 1;
    const row =
      there === undefined || if_exists === 'fail'
        ? store.containers.insert(columns, target)
        : takeOver(there, columns, if_exists, parts);
    if (target !== undefined) {
      // Who replaces hears of the new one alone; who reuses hears of it from its beginning, as its maker did.
      const since = if_exists === 'replace' ? told : 0;
      hub.subscribed(store.subscriptions.ensure(row.id, target, clock.now(), since));
    }
    poke();
    return { id: row.id, status: row.status };
  };
}

/** The spec of a call: its files of variables read. Throws invalid_input. */
export async function specOf({
  env_file,
  ...spec
}: ContainerSpec & { readonly env_file?: string | readonly string[] | undefined }): Promise<ContainerSpec> {
  parseImageReference(imageOf(spec));
  refuseRelative(spec);
  const env = env_file && { ...(await readEnvFiles(env_file)), ...spec.env };
  const build = spec.build && (await hashed(spec.build, spec.image));
  return { ...spec, ...(env && { env }), ...(build && { build }) };
}

/** A file’s paths begin where it is; a call is nowhere. */
function refuseRelative({ volumes = [], mounts = [] }: ContainerSpec): void {
  const paths = [
    ...volumes.map(({ host }, index) => ({ path: `volumes.${index}.host`, host })),
    ...mounts.map((mount, index) => ({
      path: `mounts.${index}.source`,
      host: mount.type === 'bind' ? mount.source : undefined,
    })),
  ];
  const problems = paths.flatMap(({ path, host }) =>
    host === undefined || /^[/~]/.test(host) ? [] : [{ path, message: `an absolute path, not ${host}` }],
  );
  if (problems.length > 0)
    throw new ContractError('invalid_input', 'a path of a call has no folder that it begins in', {
      problems,
      next: 'Write the absolute path.',
    });
}

async function hashed(build: ContainerBuild, image: string | undefined): Promise<ContainerBuild> {
  if (image === undefined)
    throw new ContractError('invalid_input', '`image` is missing: the name that the built image gets');
  if (build.context !== undefined && !build.context.startsWith('/'))
    throw new ContractError('invalid_input', `\`build.context\`: an absolute path, not ${build.context}`);
  const relative = build.secrets?.find(({ file }) => !file.startsWith('/'));
  if (relative !== undefined)
    throw new ContractError('invalid_input', `\`build.secrets\`: an absolute path, not ${relative.file}`);
  try {
    return { ...build, hash: await buildHash(build) };
  } catch (error) {
    if (!isContractError(error, 'invalid_input') || error.problems !== undefined) throw error;
    throw new ContractError('invalid_input', error.message, {
      cause: error,
      problems: [{ path: 'build', message: error.message }],
    });
  }
}

/** All that the engine cannot do, before anything is written down; while it does not answer, a worker finds out. */
export async function refuseUnsupported(
  spec: ContainerSpec,
  { engine, engineAnswers }: ContainerParts,
  signal: AbortSignal,
): Promise<void> {
  if (!needsAbilities(spec) || !(await engineAnswers())) return;
  const missing = await engine.containers.unsupported(spec, signal);
  if (missing.length > 0)
    throw new ContractError('unsupported', `this engine cannot do: ${missing.join('; ')}`, {
      details: { fields: missing.join('; ') },
    });
}

/** It could wait for ever: for itself, or for one that waits for it. What is not there yet may come. Throws invalid_input. */
function refuseNeeds(node: GraphNode, { store }: ContainerParts): void {
  if (namedBy(node.spec).length === 0) return;
  const { edges, itself } = graphOf([
    node,
    ...store.containers.needing(['running', 'created', 'stopped']).map(nodeOf),
  ]);
  const names = (id: string): string => (id === node.id ? node.name : (store.containers.get(id)?.name ?? id));
  const ring = closureOf([node.id], edges, 'needs').has(node.id) ? cyclePath(edges) : undefined;
  const own = itself.find(({ from }) => from === node.id);
  if (own === undefined && ring === undefined) return;
  const message =
    own === undefined
      ? `they need each other: ${pathText((ring ?? []).map(names))}`
      : `${node.name} needs itself`;
  throw new ContractError('invalid_input', message, {
    problems: [{ path: own?.why ?? 'depends_on', message }],
  });
}

/** Whose name it is: an id that reads the same is no name. */
function holderOf(name: string, { containers }: ContainerParts['store']): ContainerRow | undefined {
  const found = containers.find(name);
  return found?.name === name && found.status !== 'removed' ? found : undefined;
}

/** A new row of a made container. Its aliases are its name, unless others are given. */
export function columnsOf({
  id,
  name,
  aliases = [name],
  spec,
  start,
  now,
}: {
  readonly id: string;
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly spec: NewContainer['spec'];
  readonly start: boolean;
  readonly now: number;
}): NewContainer {
  const extras = { name, aliases, restart_policy: restartPolicyOf(spec, false) };
  return {
    id,
    name,
    entry_source: null,
    declared: false,
    aliases,
    spec,
    spec_hash: specHash(spec, extras),
    recreate_hash: recreateHash(spec, extras),
    desired_state: start ? 'running' : 'created',
    stop_timeout: null,
    created_at: now,
  };
}

/** `reuse` leaves one that is wanted so as it is, and refuses another; `replace` gives it the new spec. */
function takeOver(
  there: ContainerRow,
  columns: NewContainer,
  how: 'reuse' | 'replace',
  { store, clock }: ContainerParts,
): ContainerRow {
  if (there.declared) throw taken(there, 'the registry entry', 'Choose another name, or change the entry.');
  if (how === 'reuse') {
    if (there.desired_state === 'removed')
      throw taken(there, 'a container that is being removed:', 'Try again when it is gone.');
    if (there.spec_hash === columns.spec_hash) return there;
    throw taken(there, 'another container:', 'Say `if_exists: replace`, or choose another name.');
  }
  const { spec, spec_hash, recreate_hash, aliases, name, entry_source, desired_state } = columns;
  const changed = store.containers.change(
    there.id,
    { spec: { spec, spec_hash, recreate_hash, aliases, name, entry_source }, desired_state },
    clock.now(),
  );
  return changed ?? store.containers.insert(columns);
}

function taken({ id, name }: ContainerRow, what: string, next: string): ContractError {
  return new ContractError('name_conflict', `the name ${name} is taken by ${what} ${id}`, {
    details: { id, name },
    next,
  });
}
