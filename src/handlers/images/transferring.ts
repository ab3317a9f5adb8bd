import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { images } from '../../../contracts/images.ts';
import { parseImageReference } from '../../engine/image-reference.ts';
import { resolveImage } from '../../engine/registries.ts';
import { shownImage } from '../../engine/shown-image.ts';
import { isForPlatform } from '../../plan/is-for-platform.ts';
import { noSuchImage } from './looking.ts';
import type { ImageParts } from './parts.ts';
import { withProgress } from './with-progress.ts';

type Methods = Handlers<typeof images>;

/** What goes over the net. */
export function imageTransfers(parts: ImageParts): Pick<Methods, 'pull' | 'push' | 'search' | 'login'> {
  const { engine, registries } = parts;
  return {
    pull: async (input, context) => {
      const { platform, auth, policy = 'always', stall_timeout, stream } = input;
      const image = resolveImage(tagged(input), registries);
      const before = await engine.images.inspect(image, context.signal);
      const isThere = before !== undefined && (platform === undefined || isForPlatform(before, platform));
      if (policy === 'never' && !isThere) throw noSuchImage(image);
      if (policy !== 'always' && isThere) {
        // Whoever waits at the target is told that it is done, although nothing was to do.
        const { operation_id } = await withProgress(
          { kind: 'pull', image, stream },
          parts,
          context,
          async () => before,
        );
        return { image, ...shownImage(before), pulled: false, changed: false, ...operation_id };
      }
      const { result, operation_id } = await withProgress(
        { kind: 'pull', image, stream },
        parts,
        context,
        (onProgress, signal) =>
          engine.images.pull(image, { platform, auth, stall_ms: inMs(stall_timeout), onProgress }, signal),
      );
      const changed = before?.id !== result.id;
      return { image, ...shownImage(result), pulled: true, changed, ...operation_id };
    },
    push: async (input, context) => {
      const { auth, stall_timeout, stream } = input;
      const image = resolveImage(tagged(input), registries);
      const { result, operation_id } = await withProgress(
        { kind: 'push', image, stream },
        parts,
        context,
        (onProgress, signal) =>
          engine.images.push(image, { auth, stall_ms: inMs(stall_timeout), onProgress }, signal),
      );
      return { image, ...result, ...operation_id };
    },
    search: async (query, { signal }) => ({ results: await engine.images.search(query, signal) }),
    login: async ({ registry, username, password, save = true }, { signal }) => {
      const { identity_token } = await engine.images.login(registry, { username, password }, signal);
      const kept = identity_token === undefined ? { username, password } : { username, identity_token };
      const saved = save ? await registries.credentials.save(registry, kept, signal) : 'no';
      return { registry: registry ?? 'docker.io', username, saved };
    },
  };
}

/** With the tag that is given beside it. */
function tagged({ image, tag }: { readonly image: string; readonly tag?: string | undefined }): string {
  if (tag === undefined) return image;
  const { text } = parseImageReference(image);
  if (text !== `${image}:latest`)
    throw new ContractError('invalid_input', `${image} has a tag or a digest, and \`tag\` is given too`, {
      problems: [{ path: 'tag', message: 'say it once' }],
    });
  return `${image}:${tag}`;
}

/** A day: the engine’s client waits some times as long, and a timer no longer than 24 days. */
const LONGEST_STALL_MS = 86_400_000;

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined
    ? undefined
    : Math.min(LONGEST_STALL_MS, Math.max(1, Math.round(seconds * 1000)));
}
