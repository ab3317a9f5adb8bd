import type { Status } from '../../contracts/events.ts';
import { createNetwork } from '../engine/create-network.ts';
import { filesAsTar } from '../engine/files-as-tar.ts';
import { containerLabels, resourceLabels } from '../engine/labels.ts';
import { sealSpec } from '../engine/sealed-spec.ts';
import type { Action, ActionOf, ActionType } from '../plan/actions.ts';
import { isMade } from '../plan/made.ts';
import { prepareVolume } from './prepare-volume.ts';
import type { Surroundings } from './surroundings.ts';

type Performers = {
  readonly [T in ActionType]: (action: ActionOf<T>, id: string, surroundings: Surroundings) => Promise<void>;
};

/** One action, one engine call. It decides nothing; a missing row does not compile. */
const PERFORM: Performers = {
  pull_image: ({ image, platform }, _id, { pull, onProgress, signal }) =>
    pull({ image, platform }, (progress) => onProgress({ ...progress, image }), signal),
  build_image: ({ type: _, ...wanted }, _id, { build, onProgress, signal }) =>
    build(wanted, (progress) => onProgress({ ...progress, image: wanted.image }), signal),
  create_network: async ({ network: name }, _id, { engine, identity, settingsOf, signal }) => {
    const settings = settingsOf('network', name);
    await createNetwork(engine, identity, { ...settings, name }, signal);
  },
  create_volume: async ({ volume: name }, _id, { engine, identity, settingsOf, signal }) => {
    const settings = settingsOf('volume', name);
    const labels = resourceLabels(identity, 'volume', name, settings);
    await engine.volumes.create({ ...settings, name, labels }, signal);
  },
  create_container: async (action, id, { engine, identity, signal, onWarnings }) => {
    const { type: _, recreate_hash, member, ...request } = action;
    // A declared one comes back from its entry; a made one has nothing else that remembers it.
    const spec = isMade(id) ? sealSpec(identity, id, { ...request, member }) : {};
    const labels = { ...containerLabels(identity, id, recreate_hash), ...spec };
    const { warnings } = await engine.containers.create({ ...request, labels }, signal);
    if (warnings.length > 0) onWarnings(action, warnings);
  },
  put_files: ({ name, files }, _id, { engine, signal }) =>
    engine.files.write(name, '/', filesAsTar(files), { keep_types: false, keep_owners: true }, signal),
  prepare_volume: ({ type: _, ...action }, id, surroundings) => prepareVolume(action, id, surroundings),
  start_container: ({ name }, _id, { engine, signal }) => engine.containers.start(name, signal),
  stop_container: ({ engine_id, timeout }, _id, { engine, signal }) =>
    engine.containers.stop(engine_id, timeout === undefined ? {} : { timeout }, signal),
  rename_container: ({ engine_id, to }, _id, { engine, signal }) =>
    engine.containers.rename(engine_id, to, signal),
  remove_container: ({ engine_id, anonymous_volumes }, _id, { engine, signal }) =>
    engine.containers.remove(engine_id, { force: true, anonymous_volumes }, signal),
  update_container: async (action, _id, { engine, signal, onWarnings }) => {
    const { warnings } = await engine.containers.update(action.engine_id, action.limits, signal);
    if (warnings.length > 0) onWarnings(action, warnings);
  },
  connect_network: ({ type: _, name: _name, engine_id, network, ...joining }, _id, { engine, signal }) =>
    engine.networks.connect(network, engine_id, joining, signal),
  disconnect_network: ({ engine_id, network }, _id, { engine, signal }) =>
    engine.networks.disconnect(network, engine_id, { force: true }, signal),
  remove_network: async ({ network }, _id, { engine, signal }) => {
    await engine.networks.remove(network, signal);
  },
  remove_volume: async ({ volume }, _id, { engine, signal }) => {
    await engine.volumes.remove(volume, signal);
  },
};

/** The status that a row shows while an action goes on; undefined when it stays as it is. */
export const PHASE: { readonly [T in ActionType]: Status | undefined } = {
  pull_image: 'pulling',
  build_image: 'pulling',
  create_network: undefined,
  create_volume: undefined,
  create_container: 'creating',
  put_files: undefined,
  prepare_volume: undefined,
  start_container: 'starting',
  stop_container: 'stopping',
  rename_container: undefined,
  remove_container: undefined,
  update_container: undefined,
  connect_network: undefined,
  disconnect_network: undefined,
  remove_network: undefined,
  remove_volume: undefined,
};

/** Every action that there is. */
export const ACTION_TYPES = Object.keys(PERFORM) as readonly ActionType[];

/** Perform one action for row `id`. Throws what the engine’s port throws. */
export async function apply<T extends ActionType>(
  action: ActionOf<T> & Action,
  id: string,
  surroundings: Surroundings,
): Promise<void> {
  const perform: (action: ActionOf<T>, id: string, surroundings: Surroundings) => Promise<void> =
    PERFORM[action.type as T];
  await perform(action, id, surroundings);
}
