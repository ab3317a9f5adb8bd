/** What of a deployment says whether its release was good. */
export interface PastDeployment {
  readonly state: string;
  readonly from_release: number;
  readonly to_release: number;
}

/** The release to go back to from `present`: the last one before it that a deployment has proven, or the one that the first deployment began from. Newest first. */
export function lastGood(present: number, deployments: readonly PastDeployment[]): number | undefined {
  const proven = deployments.find(({ state, to_release }) => state === 'succeeded' && to_release < present);
  if (proven !== undefined) return proven.to_release;
  const first = deployments.at(-1)?.from_release ?? 1;
  return first < present ? first : undefined;
}
