import type { Role } from '../../contracts/container-fields/convergence.ts';

/** When the engine starts it again. `max` only for on-failure; left out: as often as it takes. */
export type RestartPolicy =
  | { readonly name: 'no' | 'always' | 'unless-stopped' }
  | { readonly name: 'on-failure'; readonly max?: number };

/** The policy in force: what the spec says, else `on-failure` for declared entries and `no` for made ones, and for inits and jobs, which run once. */
export function restartPolicyOf(
  spec: { readonly restart_policy?: string | undefined; readonly role?: Role | undefined },
  declared: boolean,
): string {
  return spec.restart_policy ?? (declared && !runsOnce(spec) ? 'on-failure' : 'no');
}

/** Inits and jobs: their end is their result. */
export function runsOnce({ role }: { readonly role?: Role | undefined }): boolean {
  return role === 'init' || role === 'job';
}

/** Reads `no`, `always`, `unless-stopped`, `on-failure` or `on-failure:N`; anything else counts as `no`. */
export function parseRestartPolicy(text: string): RestartPolicy {
  const [name = '', max] = text.split(':');
  if (name === 'always' || name === 'unless-stopped') return { name };
  if (name === 'on-failure')
    return max === undefined || Number(max) === 0 ? { name } : { name, max: Number(max) };
  return { name: 'no' };
}
