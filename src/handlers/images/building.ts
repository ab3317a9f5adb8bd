import { setTimeout as pause } from 'node:timers/promises';
import type { CallContext, Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { BuildRequest } from '../../../contracts/image-methods/building.ts';
import type { images } from '../../../contracts/images.ts';
import { contextEntries } from '../../build/context-entries.ts';
import { parseImageReference } from '../../engine/image-reference.ts';
import { resolveImage } from '../../engine/registries.ts';
import { timestamp } from '../../runtime/clock.ts';
import { newId } from '../../runtime/ids.ts';
import type { BuildRow } from '../../store/build-rows.ts';
import { lastLines } from './last-lines.ts';
import type { ImageParts } from './parts.ts';

type Methods = Pick<Handlers<typeof images>, 'build' | 'build_status'>;

/** How soon it is seen that a build has ended. */
const LOOK_MS = 100;

/** What builds images: written down here, done by whoever works. */
export function imageBuilds(parts: ImageParts): Methods {
  const { store, journal, hub, clock } = parts;
  return {
    build: async (request, context) => {
      const names = namesOf(request).map((name) => resolveImage(name, parts.registries));
      if (!parts.attended())
        throw new ContractError('daemon_not_running', `nobody builds ${names[0] ?? ''} now`, {
          next: 'Start it with `berth up`.',
        });
      // What is wrong with the context is said now, to whoever can mend it.
      if (request.remote === undefined && request.tar === undefined) await contextEntries(request);
      const id = newId('build', clock.now());
      const { auth, secrets, stream: _stream, tar, ...rest } = request;
      try {
        await parts.private_inputs.keep(id, { auth, secrets });
        if (tar !== undefined) await parts.private_inputs.keepTar(id, tar);
        subscribe(id, request, context);
        store.builds.insert({
          id,
          names,
          request: { ...rest, ...(tar && { has_tar: true }) },
          created_at: clock.now(),
        });
      } catch (error) {
        await parts.private_inputs.drop(id);
        throw error;
      }
      parts.poke();
      return { build_id: id, status: 'pending', names };
    },
    build_status: async ({ build_id, wait = false, tail = 100 }, { signal }) => {
      const row = await found(build_id, wait, AbortSignal.any([signal, hub.closed]));
      return {
        build_id,
        status: row.status,
        names: [...row.names],
        attempt: row.attempt,
        created_at: timestamp(row.created_at),
        ...(row.image_id !== null && { image_id: row.image_id }),
        ...(row.error !== null && { error: row.error }),
        ...(row.started_at !== null && { started_at: timestamp(row.started_at) }),
        ...(row.ended_at !== null && { ended_at: timestamp(row.ended_at) }),
        log: await lastLines(build_id, tail, journal),
      };
    },
  };

  function subscribe(
    id: string,
    { stream }: Pick<BuildRequest, 'stream'>,
    { self }: Pick<CallContext, 'self'>,
  ): void {
    if (stream === undefined) return;
    const target = { reply_to: stream.reply_to ?? self, topic: stream.topic };
    // Nobody’s in particular: it outlives this process, as the build does.
    store.operations.insert({ id, kind: 'build', owner: null, ...target, created_at: clock.now() });
    hub.subscribed({ stream_id: id, ...target, acked_seq: 0 });
  }

  async function found(id: string, wait: boolean, signal: AbortSignal): Promise<BuildRow> {
    for (;;) {
      const row = store.builds.get(id);
      if (row === undefined) throw new ContractError('not_found', `there is no build ${id}`);
      // One that is still somebody’s has not told its end yet.
      if (!wait || (row.ended_at !== null && row.worker === null)) return row;
      await pause(LOOK_MS, undefined, { signal }).catch(() => {
        throw signal.reason;
      });
    }
  }
}

/** All names, each with its tag. Throws invalid_input. */
export function namesOf({ name, tag, tags }: Pick<BuildRequest, 'name' | 'tag' | 'tags'>): string[] {
  const wanted = tags ?? (tag === undefined ? undefined : [tag]);
  const { text, repository, tag: own, digest, id } = parseImageReference(name);
  if (id !== undefined || digest !== undefined)
    throw new ContractError('invalid_input', `\`${name}\` is no name for an image that is to be made`);
  if (wanted === undefined) return [text];
  if (own !== undefined && text === name)
    throw new ContractError('invalid_input', `\`${name}\` has a tag already; say it there or in \`tag\``);
  return wanted.map((one) => parseImageReference(`${repository}:${one}`).text);
}
