import type { SystemCalls } from '../port/system-calls.ts';
import {
  diskReport,
  engineInfo,
  engineVersion,
  type RawDisk,
  type RawInfo,
  type RawVersion,
} from '../system-from-docker.ts';
import { type Api, bodyOf } from './api.ts';
import { readEvents } from './read-events.ts';

/** Counting what is on the disk takes as long as it takes. */
const DF_MS = 300_000;

/** The engine itself over the Docker API. */
export function systemCalls(api: Api): SystemCalls {
  return {
    ping: async (signal) => {
      api.forgetVersion();
      const spoken = await api.version(signal);
      const answer = await api.ask({ method: 'GET', path: '/version' }, { doing: 'version', signal });
      return engineVersion(bodyOf<RawVersion>(answer), spoken);
    },
    info: async (signal) =>
      engineInfo(bodyOf<RawInfo>(await api.ask({ method: 'GET', path: '/info' }, { doing: 'info', signal }))),
    df: async (signal) => {
      const answer = await api.ask(
        { method: 'GET', path: '/system/df' },
        { doing: 'disk usage', deadline: DF_MS, signal },
      );
      return diskReport(bodyOf<RawDisk>(answer));
    },
    events: (query, signal) => readEvents(api, query, signal),
  };
}
