import { ContractError } from '../../../contracts/contract-error.ts';
import { unsupportedFields } from '../../plan/capabilities/capabilities.ts';
import { attachmentsOf, imageOf } from '../../plan/mentioned.ts';
import { speaks } from '../../plan/speaks.ts';
import { answerError } from '../engine-errors.ts';
import type { ContainerCalls } from '../port/container-calls.ts';
import { pathSegment } from '../references.ts';
import { toDocker } from '../to-docker.ts';
import { abilitiesOf } from './abilities.ts';
import { type Api, bodyOf, DEADLINE } from './api.ts';
import { createFailure, startFailure } from './container-failures.ts';
import { containerLooks } from './container-looks.ts';
import { type ContainerQueries, containerPath, containerQueries } from './container-queries.ts';

import { networkCalls } from './network-calls.ts';
import { onceAgreed } from './one-network.ts';

import { processCalls } from './process-calls.ts';

import { readLogs } from './read-logs.ts';
import { updateContainer } from './update-container.ts';
import { waitGone } from './wait-gone.ts';

/** Containers over the Docker API. `resolve`: an image’s name as the engine knows it. */
export function containerCalls(api: Api, resolve: (image: string) => string): ContainerCalls {
  const queries = containerQueries(api);
  return {
    inspect: queries.inspect,
    list: queries.list,
    unsupported: async (spec, signal) => {
      const missing = unsupportedFields(spec, await abilitiesOf(api, signal));
      // It may have been given more since it was asked.
      return missing.length === 0 ? missing : unsupportedFields(spec, await abilitiesOf(api, signal, 0));
    },
    create: create(api, queries, resolve),
    start: start(api, queries),
    stop: stop(api, queries),
    remove: remove(api, queries),
    rename: rename(api, queries),
    update: updateContainer(api, queries),
    ...processCalls(api, queries),
    ...containerLooks(api, queries),
    logs: async function* (ref, query, signal) {
      yield* readLogs(api, await queries.existing(ref, signal), query, signal);
    },
  };
}

function create(
  api: Api,
  { inspect }: ContainerQueries,
  resolve: (image: string) => string,
): ContainerCalls['create'] {
  return async (request, signal) => {
    const version = await api.version(signal);
    const body = { ...toDocker(request, version), Image: resolve(imageOf(request.spec)) };
    const query = { name: pathSegment(request.name), platform: request.spec.platform };
    try {
      const answer = await api.ask(
        { method: 'POST', path: '/containers/create', query, body },
        { doing: `create ${request.name}`, deadline: DEADLINE.mutate, signal },
      );
      const { Id, Warnings } = bodyOf<{ Id: string; Warnings: string[] | null }>(answer);
      // What fails here is made up for by the next look: the container is not on all of its networks.
      if (!speaks(version, '1.44'))
        for (const { network, ...joining } of attachmentsOf(request.spec, request.aliases).slice(1))
          await networkCalls(api).connect(network, Id, joining, signal);
      return { id: Id, warnings: Warnings ?? [] };
    } catch (error) {
      throw await createFailure(error, request, inspect);
    }
  };
}

function start(api: Api, { existing, list }: ContainerQueries): ContainerCalls['start'] {
  return async (ref, signal) => {
    const target = await existing(ref, signal);
    try {
      // Not asked twice, but for a network that was refused: what ended at once would run a second time.
      await onceAgreed(
        () =>
          api.ask(
            { method: 'POST', path: containerPath(target, '/start') },
            { doing: `start ${ref}`, deadline: DEADLINE.mutate, fine: [304], signal },
          ),
        signal,
      );
    } catch (error) {
      throw await startFailure(error, ref, list);
    }
  };
}

function stop(api: Api, { exact, grace }: ContainerQueries): ContainerCalls['stop'] {
  return async (ref, { timeout }, signal) => {
    const target = await exact(ref, signal);
    if (target === undefined) return;
    const seconds = timeout ?? (await grace(target, signal));
    await api.ask(
      {
        method: 'POST',
        path: containerPath(target, '/stop'),
        query: { t: timeout === undefined ? undefined : Math.ceil(timeout) },
        again: true,
      },
      { doing: `stop ${ref}`, deadline: seconds * 1000 + DEADLINE.query, fine: [304, 404], signal },
    );
  };
}

function remove(api: Api, { exact, inspect }: ContainerQueries): ContainerCalls['remove'] {
  return async (ref, { force, anonymous_volumes }, signal) => {
    const target = await exact(ref, signal);
    if (target === undefined) return;
    const answer = await api.ask(
      { method: 'DELETE', path: containerPath(target), query: { force, v: anonymous_volumes }, again: true },
      { doing: `remove ${ref}`, deadline: DEADLINE.mutate, fine: [404, 409], signal },
    );
    if (answer.status === 409 && !/already in progress/i.test(answer.body))
      throw answerError(409, answer.body, `remove ${ref}`);
    await waitGone(async () => (await inspect(target, signal)) === undefined, ref, signal);
  };
}

function rename(api: Api, { existing }: ContainerQueries): ContainerCalls['rename'] {
  return async (ref, to, signal) => {
    const path = containerPath(await existing(ref, signal), '/rename');
    const answer = await api.ask(
      { method: 'POST', path, query: { name: pathSegment(to) } },
      { doing: `rename ${ref}`, deadline: DEADLINE.mutate, fine: [409], signal },
    );
    if (answer.status === 409)
      throw new ContractError('name_conflict', `rename ${ref}: the name ${to} is taken`);
  };
}
