import type { ContainerInspectInfo, ContainerStats } from 'dockerode';
import { ContractError } from '../../../contracts/contract-error.ts';
import { detailsOf } from '../details-from-docker.ts';
import { connectionError } from '../engine-errors.ts';
import type { ContainerCalls } from '../port/container-calls.ts';
import { sampleOf } from '../sample-from-docker.ts';
import { jsonLines } from '../transport/json-lines.ts';
import { type Api, bodyOf, DEADLINE } from './api.ts';
import { type ContainerQueries, containerPath } from './container-queries.ts';
import { isExactly } from './exact-ref.ts';

type ContainerLooks = Pick<ContainerCalls, 'top' | 'stats' | 'samples' | 'details'>;

/** What looks into a container at length, each time anew. */
export function containerLooks(api: Api, { exact, existing }: ContainerQueries): ContainerLooks {
  return {
    top: async (ref, ps_args, signal) => {
      const path = containerPath(await existing(ref, signal), '/top');
      const answer = await api.ask(
        { method: 'GET', path, query: { ps_args } },
        { doing: `top ${ref}`, signal },
      );
      const { Titles, Processes } = bodyOf<{ Titles: string[]; Processes: string[][] | null }>(answer);
      return { titles: Titles, processes: Processes ?? [] };
    },
    stats: async (ref, signal) => {
      const target = await exact(ref, signal);
      if (target === undefined) return undefined;
      // Without `one-shot` the engine takes two samples, a second apart: only so is there a figure for the processor.
      // Opened, not asked: it takes a second or two, and would hold up the sockets that queries share.
      const ending = new AbortController();
      const all = AbortSignal.any([
        ending.signal,
        AbortSignal.timeout(DEADLINE.query),
        ...(signal ? [signal] : []),
      ]);
      try {
        const response = await api.open(
          { method: 'GET', path: containerPath(target, '/stats'), query: { stream: 0 } },
          { doing: `stats of ${ref}`, signal: all },
        );
        for await (const stats of jsonLines(response)) return sampleOf(stats as ContainerStats);
        return undefined;
      } catch (error) {
        if (error instanceof ContractError && error.code === 'not_found') return undefined;
        throw connectionError(error, api.transport.host, all);
      } finally {
        ending.abort();
      }
    },
    samples: async function* (ref, signal) {
      const path = containerPath(await existing(ref, signal), '/stats');
      const ending = new AbortController();
      const all = AbortSignal.any([signal, ending.signal]);
      try {
        const response = await api.open(
          { method: 'GET', path, query: { stream: 1 } },
          { doing: `stats of ${ref}`, signal: all },
        );
        for await (const stats of jsonLines(response)) yield sampleOf(stats as ContainerStats);
      } catch (error) {
        throw connectionError(error, api.transport.host, signal);
      } finally {
        ending.abort();
      }
    },
    details: async (ref, { size }, signal) => {
      const answer = await api.ask(
        { method: 'GET', path: containerPath(ref, '/json'), query: { size: size ? 1 : undefined } },
        {
          doing: `inspect ${ref}`,
          deadline: size ? DEADLINE.mutate : DEADLINE.query,
          fine: [404],
          signal,
        },
      );
      if (answer.status === 404) return undefined;
      const details = detailsOf(bodyOf<ContainerInspectInfo>(answer));
      return isExactly(ref, details) ? details : undefined;
    },
  };
}
