import type { Claim } from '../store/container-row.ts';
import type { WorkerParts } from './worker-parts.ts';

/** Keeps what a worker holds, and knows what it lost. */
export interface LeaseKeeper {
  taken(claim: Claim): void;
  over(claim: Claim): void;
  /** Everything that has not run out goes on. Never throws. */
  renew(): void;
  /** Whether that claim is still good: by the database, and by the monotonic clock, since the other one may be set back while this process sleeps. */
  holds(claim: Claim): boolean;
}

export function leaseKeeper(
  { name, store, clock, log }: Pick<WorkerParts, 'name' | 'store' | 'clock' | 'log'>,
  lease_ms: number,
): LeaseKeeper {
  const renewed_at = new Map<string, number>();
  return {
    taken: ({ id }) => void renewed_at.set(id, clock.monotonic()),
    over: ({ id }) => void renewed_at.delete(id),
    renew: () => {
      const at = clock.monotonic();
      try {
        store.containers.renew(name, clock.now(), lease_ms);
        store.pulls.renew(name, clock.now(), lease_ms);
      } catch (error) {
        log.warn({ error }, 'leases could not be renewed');
        return;
      }
      for (const [id, since] of renewed_at) if (at - since < lease_ms) renewed_at.set(id, at);
    },
    holds: (claim) => {
      const since = renewed_at.get(claim.id);
      if (since === undefined || clock.monotonic() - since >= lease_ms) return false;
      return store.containers.holds(claim, clock.now());
    },
  };
}
