import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { containers } from '../contracts/containers.ts';
import { createApp } from '../src/app.ts';
import { silentLog } from '../src/runtime/log.ts';
import { aFolder } from '../test/support/a-folder.ts';
import { eventually } from '../test/support/eventually.ts';
import type { Bench, Row } from './bench.ts';

/** More of them, and looks by exec take all that two cores have: then nothing is compared. */
const COUNT = 10;
const SECONDS = 15;
/** As /proc counts. */
const TICKS = 100;
const SERVER = { image: 'busybox:latest', args: ['httpd', '-f', '-p', '8080', '-h', '/etc'] };

/** Percent of a processor, ours and the engine’s with all that it has begun. */
interface Measured {
  readonly name: string;
  readonly berth: number;
  readonly engine: number;
}

/** What containers cost that are looked at each second; the peer is Docker’s own health check of the same servers. */
export const probing: Bench = {
  name: `probes of ${COUNT} containers each second`,
  run: async ({ socket, say }) => {
    await using folder = await aFolder();
    await using app = await createApp({ engine: `unix://${socket}`, state: folder.path, log: silentLog() });
    const docker = app.contract.open(containers);
    const measured = async (name: string, more: object): Promise<Measured> => {
      say(`${COUNT} containers: ${name}`);
      const ids = await Promise.all(
        Array.from({ length: COUNT }, async (_, index) => {
          const { id } = await docker.create({ ...SERVER, name: `bench-${index}`, stop_timeout: 0, ...more });
          return id;
        }),
      );
      try {
        await eventually(async () => {
          const { containers: all } = await docker.list({ limit: COUNT });
          const ready = all.filter((one) => one.ready === true).length;
          if (ready < COUNT) throw new Error(`${ready} are ready`);
        }, 300_000);
        const own = process.cpuUsage();
        const engine = engineSeconds(socket);
        await pause(SECONDS * 1000);
        const { user, system } = process.cpuUsage(own);
        return {
          name,
          berth: ((user + system) / 1e6 / SECONDS) * 100,
          engine: ((engineSeconds(socket) - engine) / SECONDS) * 100,
        };
      } finally {
        await Promise.all(ids.map((id) => docker.delete({ id, wait: true, timeout: 0 })));
      }
    };
    const every = { interval: 1 };
    const bare = await measured('none', {});
    const peer = await measured('health check of the engine (peer)', {
      health_check: {
        test: ['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:8080/passwd'],
        ...every,
      },
    });
    const cost = ({ berth, engine }: Measured): number => berth + engine - bare.berth - bare.engine;
    const row = (one: Measured): Row => ({
      looks: one.name,
      berth_cpu_percent: one.berth,
      engine_cpu_percent: one.engine,
      above_none_percent: cost(one),
      ratio_to_peer: cost(one) / cost(peer),
    });
    return [
      row(bare),
      row(
        await measured('http probe', {
          probes: { ready: { http: { port: 8080, path: '/passwd' }, ...every } },
        }),
      ),
      row(await measured('tcp probe', { probes: { ready: { tcp: { port: 8080 }, ...every } } })),
      row(await measured('exec probe', { probes: { ready: { exec: { command: ['true'] }, ...every } } })),
      row(peer),
    ];
  },
};

/** Processor seconds of the engine so far, with all that it has run and seen the end of. */
function engineSeconds(socket: string): number {
  const mark = dirname(socket);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .reduce((sum, pid) => sum + secondsOf(pid, mark), 0);
}

function secondsOf(pid: string, mark: string): number {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark)) return 0;
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) / TICKS, 0);
  } catch (error) {
    // It has ended meanwhile.
    if (error instanceof Error) return 0;
    throw error;
  }
}
