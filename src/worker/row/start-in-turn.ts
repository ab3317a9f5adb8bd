import { setTimeout as pause } from 'node:timers/promises';
import type { PortMapping } from '../../../contracts/container-spec.ts';
import { ContractError, isContractError } from '../../../contracts/contract-error.ts';
import type { Engine } from '../../engine/engine.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import type { ContainerStore } from '../../store/store.ts';

/** A port that was free a moment ago may still be held by what is going: so often it is tried again, after a growing pause. */
const RETRIES = 2;
const PAUSE_MS = 300;

/** Runs one thing after the other. */
export interface Turn {
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function turn(): Turn {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run: (work) => {
      const mine = last.then(work);
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

/**
 * The engine, for a row that publishes ports: its starts go one after the other, a port that a container of ours has is not
 * even tried, and a conflict is tried again a little later. Throws port_conflict (details: port, holder).
 */
export function startInTurn(
  engine: Engine,
  row: Pick<ContainerRow, 'id' | 'spec'>,
  parts: {
    readonly turn: Turn;
    readonly containers: Pick<ContainerStore, 'present'>;
    readonly signal: AbortSignal;
  },
): Engine {
  const ports = row.spec.ports ?? [];
  if (ports.length === 0) return engine;
  const start: Engine['containers']['start'] = (ref, signal) =>
    parts.turn.run(async () => {
      for (let tries = 0; ; tries++) {
        try {
          refuseTaken(
            ports,
            parts.containers.present().filter(({ id }) => id !== row.id),
          );
          return await engine.containers.start(ref, signal);
        } catch (error) {
          if (tries === RETRIES || !isContractError(error, 'port_conflict')) throw error;
          await pause(PAUSE_MS * 2 ** tries, undefined, { signal: parts.signal });
        }
      }
    });
  return { ...engine, containers: { ...engine.containers, start } };
}

/** Of running containers of ours, those that have one of these ports: the engine would say the same, but not whose it is. */
function refuseTaken(ports: readonly PortMapping[], others: readonly ContainerRow[]): void {
  for (const { host, host_ip, protocol = 'tcp' } of ports) {
    if (host === undefined) continue;
    const holder = others.find(
      ({ status, observed }) =>
        status === 'running' &&
        observed?.ports.some(
          (taken) => taken.host === host && taken.protocol === protocol && overlaps(taken.host_ip, host_ip),
        ),
    );
    if (holder !== undefined)
      throw new ContractError('port_conflict', `port ${host} is taken by ${holder.id}`, {
        details: { port: host, holder: holder.observed?.id ?? null, holder_name: holder.name },
      });
  }
}

function overlaps(a: string, b = ''): boolean {
  const anywhere = (ip: string): boolean => ip === '' || ip === '0.0.0.0' || ip === '::';
  return a === b || anywhere(a) || anywhere(b);
}
