import { ContractError } from '../../contracts/contract-error.ts';
import type { ErrorCode } from '../../contracts/errors.ts';

const BY_CODE: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'engine_unreachable',
  ECONNREFUSED: 'engine_unreachable',
  ECONNRESET: 'engine_unreachable',
  EPIPE: 'engine_unreachable',
  ENOTFOUND: 'engine_unreachable',
  EAI_AGAIN: 'engine_unreachable',
  EHOSTUNREACH: 'engine_unreachable',
  ENETUNREACH: 'engine_unreachable',
  ETIMEDOUT: 'engine_unreachable',
  ERR_STREAM_PREMATURE_CLOSE: 'engine_unreachable',
  HPE_INVALID_CONSTANT: 'engine_unreachable',
  EACCES: 'engine_denied',
  EPERM: 'engine_denied',
};

/** A certificate that we do not trust, or that the engine does not. */
const UNTRUSTED =
  /^(ERR_SSL_.*(CERT|UNKNOWN_CA)|ERR_TLS_CERT|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(VERIFY|GET_ISSUER))/;

/** What no socket throws. */
const DEFECTS = [TypeError, RangeError, SyntaxError, ReferenceError];

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'engine_refused',
  401: 'engine_denied',
  403: 'engine_denied',
  404: 'not_found',
  409: 'wrong_state',
  500: 'engine_failed',
  501: 'unsupported',
  503: 'engine_failed',
};

/** Node’s code of a socket error, if it has one. */
export function socketCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'errors' in error && Array.isArray(error.errors) ? socketCode(error.errors[0]) : undefined;
}

/** A connection that could not be made or broke: engine_unreachable, engine_denied or aborted; says which engine. */
export function connectionError(error: unknown, host: string, signal?: AbortSignal): ContractError {
  if (error instanceof ContractError) return error;
  if (signal?.aborted)
    return signal.reason instanceof ContractError
      ? signal.reason
      : new ContractError('aborted', 'the call was aborted', { cause: error });
  if (DEFECTS.some((kind) => error instanceof kind))
    return new ContractError('internal', `a defect while talking to the engine at ${host}: ${error}`, {
      cause: error,
    });
  const code = socketCode(error);
  const known = code === undefined ? undefined : BY_CODE[code];
  const said = error instanceof Error ? error.message : String(error);
  if (code !== undefined && UNTRUSTED.test(code))
    return new ContractError(
      'engine_denied',
      `the engine at ${host} and we do not trust each other: ${said}`,
      {
        cause: error,
        next: 'See that DOCKER_CERT_PATH has its authority’s ca.pem, and a cert.pem and key.pem that it accepts.',
      },
    );
  return new ContractError(
    known ?? 'engine_unreachable',
    `the engine at ${host} does not answer: ${code ?? ''} ${said}`.replaceAll(/\s+/g, ' ').trim(),
    { cause: error },
  );
}

/** An answer that is a failure, by its status; the engine’s own words are the message. */
export function answerError(status: number, body: string, doing: string): ContractError {
  const said = engineWords(body);
  if (/no space left on device|disk quota exceeded/i.test(said))
    return new ContractError('no_space', `${doing}: ${said}`);
  if (status === 400 && /client version .* is too (old|new)/i.test(said))
    return new ContractError('engine_version', `${doing}: ${said}`);
  const code = BY_STATUS[status] ?? (status >= 500 ? 'engine_failed' : 'engine_refused');
  return new ContractError(code, `${doing}: ${said === '' ? `status ${status}` : said}`, {
    details: { status },
  });
}

/** What the engine said, without its JSON around it. */
export function engineWords(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (
      typeof parsed === 'object' &&
      parsed !== null &&
      'message' in parsed &&
      typeof parsed.message === 'string'
    )
      return parsed.message.trim().slice(0, 2000);
  } catch {
    return body.trim().slice(0, 500);
  }
  return body.trim().slice(0, 500);
}
