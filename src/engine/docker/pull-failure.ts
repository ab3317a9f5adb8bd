import { ContractError } from '../../../contracts/contract-error.ts';
import type { ErrorCode } from '../../../contracts/errors.ts';
import type { ImageReference } from '../image-reference.ts';

const FAILURES: readonly (readonly [RegExp, ErrorCode])[] = [
  [/toomanyrequests|status(?: code)?:? 429|rate limit|too many requests/i, 'image_rate_limited'],
  [/no space left|disk quota exceeded/i, 'no_space'],
  // «pull access denied … repository does not exist or may require login»: Docker Hub’s answer for what is not there.
  [/pull access denied.*does not exist/is, 'image_not_found'],
  [/unauthorized|authentication required|no basic auth|denied|forbidden/i, 'image_denied'],
  [
    /not found|manifest unknown|name unknown|does not exist|no such image|does not exist locally|no matching manifest/i,
    'image_not_found',
  ],
  [
    /dial tcp|no such host|connection refused|timeout|\bTLS\b|x509|\bEOF\b|reset by peer|server misbehaving|context deadline|server gave HTTP|request canceled|unexpected status from|received unexpected HTTP status: 5/i,
    'image_registry_unreachable',
  ],
];

/** What was to be done with a registry, and the code for failures of no known kind. */
export interface Doing {
  readonly verb: 'pull' | 'push' | 'login' | 'search' | 'look up';
  readonly otherwise: ErrorCode;
}

const PULL: Doing = { verb: 'pull', otherwise: 'image_pull_failed' };

/** A registry’s failure, by what the engine said of it. */
export function pullFailure(
  { text, repository }: Pick<ImageReference, 'text' | 'repository'>,
  said: string,
  { verb, otherwise }: Doing = PULL,
): ContractError {
  // The image’s own name tells nothing of why: it may hold any word.
  const why = [text, repository].reduce(
    (left, name) => (name === '' ? left : left.replaceAll(name, '')),
    said,
  );
  const code = FAILURES.find(([pattern]) => pattern.test(why))?.[1] ?? otherwise;
  return new ContractError(code, `${verb} ${text}: ${said.trim()}`);
}

const NOT_THE_REGISTRY: ReadonlySet<ErrorCode> = new Set([
  'engine_unreachable',
  'engine_timeout',
  'engine_denied',
  'engine_version',
  'aborted',
  'internal',
  'no_space',
  'credentials_failed',
  'invalid_config',
  'invalid_input',
]);

/** A failure before any progress, told in the same words; what is the engine’s own stays so. */
export function refusedPull(
  reference: Pick<ImageReference, 'text' | 'repository'>,
  error: ContractError,
  doing: Doing = PULL,
  clean: (said: string) => string = (said) => said,
): ContractError {
  if (NOT_THE_REGISTRY.has(error.code) || error.code.startsWith('image_')) return error;
  return pullFailure(reference, clean(error.message.replace(`${doing.verb} ${reference.text}: `, '')), doing);
}
