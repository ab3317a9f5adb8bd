import type { ContainerSpec } from '../../contracts/container-spec.ts';
import { restartPolicyOf } from '../../src/plan/restart-policy.ts';
import { recreateHash, specHash } from '../../src/plan/spec-hash.ts';
import type { NewContainer } from '../../src/store/container-row.ts';
import type { NewEvent } from '../../src/store/journal.ts';

/** A row before its insert, with defaults. */
export function aNewContainer(given: Partial<NewContainer> = {}): NewContainer {
  const id = given.id ?? 'app:cache';
  const name = given.name ?? id.replace(/^.*:/, '');
  const spec: ContainerSpec = given.spec ?? { image: 'busybox:latest', command: 'sleep 60' };
  const declared = given.declared ?? true;
  const extras = { name, aliases: [name], restart_policy: restartPolicyOf(spec, declared) };
  return {
    id,
    name,
    entry_source: null,
    declared,
    aliases: [name],
    spec,
    spec_hash: specHash(spec, extras),
    recreate_hash: recreateHash(spec, extras),
    desired_state: 'running',
    stop_timeout: null,
    created_at: 1000,
    ...given,
  };
}

type NewLine = Extract<NewEvent, { type: 'log' }>;

/** A log line before it is stored, with defaults; `number` is in its text and in its time. */
export function aNewLine(number = 1, given: Partial<NewLine> = {}): NewLine {
  return { type: 'log', attempt: 1, stream: 'stdout', line: `line ${number}`, ts: timeOf(number), ...given };
}

/** Line `number` of a second’s million, as the engine would time it. */
export function timeOf(number: number): string {
  const second = Math.floor(number / 1_000_000);
  const nanos = String((number % 1_000_000) * 1000).padStart(9, '0');
  return `${new Date(1_760_000_000_000 + second * 1000).toISOString().slice(0, 19)}.${nanos}Z`;
}
