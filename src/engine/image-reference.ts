import { ContractError } from '../../contracts/contract-error.ts';

/** A parsed image reference. Either a tag or a digest, or the id of an image that is there. */
export interface ImageReference {
  /** As given, with the default tag: what the engine takes. */
  readonly text: string;
  /** `registry:5000/a/b`, without tag and digest. */
  readonly repository: string;
  /** Left out: Docker Hub. */
  readonly registry?: string;
  readonly tag?: string;
  readonly digest?: string;
  readonly id?: string;
}

const PATH = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
const REGISTRY = /^(?:[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*|\[[0-9a-fA-F:]+\])(:\d{1,5})?$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^[a-z0-9]+([+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/;

/** Parse `[registry[:port]/]path[:tag][@digest]` or `sha256:…`. Without tag and digest the tag is `latest`. Throws invalid_input. */
export function parseImageReference(text: string): ImageReference {
  const refuse = (why: string): ContractError =>
    new ContractError('invalid_input', `\`${text.slice(0, 200)}\` is no image reference: ${why}`);
  if (/^(sha256:)?[0-9a-f]{64}$/.test(text))
    return {
      text: text.includes(':') ? text : `sha256:${text}`,
      repository: '',
      id: text.replace('sha256:', ''),
    };
  const [named = '', digest, ...more] = text.split('@');
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest))) throw refuse('the digest is wrong');
  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  const registry = first.includes('.') || first.includes(':') || first === 'localhost' ? first : undefined;
  if (registry !== undefined && !REGISTRY.test(registry)) throw refuse('the registry is wrong');
  const rest = registry === undefined ? named : named.slice(slash + 1);
  const colon = rest.lastIndexOf(':');
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? (digest === undefined ? 'latest' : undefined) : rest.slice(colon + 1);
  if (!PATH.test(path)) throw refuse(/[A-Z]/.test(path) ? 'the path must be lowercase' : 'the path is wrong');
  if (tag !== undefined && !TAG.test(tag)) throw refuse('the tag is wrong');
  const repository = registry === undefined ? path : `${registry}/${path}`;
  return {
    text: `${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`,
    repository,
    ...(registry !== undefined && { registry }),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** The digits that people copy: the engine looks for such a name first, then for an id that begins so. */
export function isShortId(text: string): boolean {
  return /^[0-9a-f]{12,63}$/.test(text);
}
