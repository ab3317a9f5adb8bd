import { request } from 'node:http';
import { PassThrough } from 'node:stream';
import { extract, pack } from 'tar-stream';
import type { RawEngine } from './raw-engine.ts';

/** An image of one static program, `/busybox`, with no shell and no other file; what runs is `/busybox ARGS`. */
export async function makeBareServer(engine: RawEngine, socketPath: string, name: string): Promise<void> {
  const { body } = await engine.ask('POST', '/containers/create', { Image: 'busybox:latest' });
  const { Id } = body as { readonly Id: string };
  const binary = await fileOf(socketPath, Id, '/bin/busybox');
  await engine.ask('DELETE', `/containers/${Id}?force=1`);
  const tar = pack();
  tar.entry({ name: 'busybox', mode: 0o755 }, binary);
  tar.finalize();
  const colon = name.lastIndexOf(':');
  const query = new URLSearchParams({ fromSrc: '-', repo: name.slice(0, colon), tag: name.slice(colon + 1) });
  query.append('changes', 'ENTRYPOINT ["/busybox"]');
  await engine.upload(`/images/create?${query}`, tar.pipe(new PassThrough()));
}

/** The first plain file of an archive that the engine gives. */
function fileOf(socketPath: string, id: string, path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path: `/containers/${id}/archive?path=${path}` }, (answer) => {
      const files = extract();
      files.on('entry', ({ type }, stream, next) => {
        const parts: Buffer[] = [];
        stream.on('data', (part) => parts.push(Buffer.from(part as Uint8Array)));
        stream.on('end', () => {
          if (type === 'file') resolve(Buffer.concat(parts));
          next();
        });
      });
      files.on('error', reject);
      answer.pipe(files);
    });
    asking.on('error', reject);
    asking.end();
  });
}
