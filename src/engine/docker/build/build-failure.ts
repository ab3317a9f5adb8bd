import { ContractError } from '../../../../contracts/contract-error.ts';
import type { ErrorCode } from '../../../../contracts/errors.ts';

/** What a builder says when it is the base image that it cannot have; a step may say anything. */
const OF_A_BASE =
  /failed to (load|resolve).*metadata|failed to resolve source|pull access denied|^manifest for |manifest unknown|failed to create LLB definition|error pulling image|registry-1\.docker\.io|\/v2\//i;
const OF_A_STEP = /did not complete successfully|returned a non-zero code|executor failed running/i;

const REASONS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/toomanyrequests|rate limit|too many requests/i, 'image_rate_limited'],
  [/pull access denied.*(does not exist|may require)/is, 'image_not_found'],
  [/unauthorized|authentication required|no basic auth|denied|forbidden/i, 'image_denied'],
  [
    /not found|manifest unknown|name unknown|does not exist|no such image|no match for platform|no matching manifest/i,
    'image_not_found',
  ],
  [
    /dial tcp|no such host|connection refused|timeout|\bTLS\b|x509|\bEOF\b|reset by peer/i,
    'image_registry_unreachable',
  ],
];

/** A build’s failure by what the builder said of it. */
export function buildFailure(names: readonly string[], said: string, code?: number): ContractError {
  const words = said.trim();
  const doing = `build ${names[0] ?? ''}`.trim();
  if (/no space left on device|disk quota exceeded/i.test(words))
    return new ContractError('no_space', `${doing}: ${words}`);
  const known =
    OF_A_BASE.test(words) && !OF_A_STEP.test(words)
      ? REASONS.find(([pattern]) => pattern.test(words))?.[1]
      : undefined;
  const exit = code ?? Number(/exit code: (\d+)/.exec(words)?.[1] ?? Number.NaN);
  return new ContractError(known ?? 'image_build_failed', `${doing}: ${words}`, {
    ...(known === undefined && Number.isInteger(exit) && exit > 0 && { details: { exit_code: exit } }),
  });
}
