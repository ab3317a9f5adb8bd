import { PassThrough } from 'node:stream';
import { pack } from 'tar-stream';
import type { RawEngine } from './raw-engine.ts';

/** An image of one file, `size` random-looking bytes long, as `name` (with a tag); `changes` are Dockerfile lines. */
export async function makeImage(
  engine: RawEngine,
  name: string,
  changes: readonly string[] = [],
  content: string | Buffer = name,
): Promise<void> {
  const tar = pack();
  tar.entry({ name: 'content' }, content);
  tar.finalize();
  const colon = name.lastIndexOf(':');
  const query = new URLSearchParams({ fromSrc: '-', repo: name.slice(0, colon), tag: name.slice(colon + 1) });
  for (const line of changes) query.append('changes', line);
  await engine.upload(`/images/create?${query}`, tar.pipe(new PassThrough()));
}
