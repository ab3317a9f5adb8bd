import type { CallContext } from '../../../contracts/contract.ts';
import type { StreamTarget } from '../../../contracts/events.ts';
import type { PullProgress } from '../../engine/port/image-calls.ts';
import type { ImageParts } from './parts.ts';
import { progressTeller } from './progress-teller.ts';

/** Work with a registry, whose progress goes to the target, if there is one. */
export async function withProgress<T>(
  {
    kind,
    image,
    stream,
  }: { readonly kind: string; readonly image: string; readonly stream: StreamTarget | undefined },
  { operations }: Pick<ImageParts, 'operations'>,
  { self, signal }: Pick<CallContext, 'self' | 'signal'>,
  work: (onProgress: ((progress: PullProgress) => void) | undefined, signal: AbortSignal) => Promise<T>,
): Promise<{ readonly result: T; readonly operation_id: { readonly operation_id?: string } }> {
  if (stream === undefined) return { result: await work(undefined, signal), operation_id: {} };
  const target = { reply_to: stream.reply_to ?? self, topic: stream.topic };
  const operation = operations.begin({ kind, target });
  const result = await operations.during(operation, async () => {
    const teller = progressTeller(image, operation.tell, operations.now);
    try {
      return await work(teller.hear, AbortSignal.any([signal, operation.signal]));
    } finally {
      await teller.end();
    }
  });
  return { result, operation_id: { operation_id: operation.id } };
}
