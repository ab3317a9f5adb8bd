import type { Command } from 'commander';
import type { ByteStream } from '../../../../contracts/byte-stream.ts';
import { images } from '../../../../contracts/images.ts';
import { asked } from '../../asked.ts';
import { bytesFrom, bytesTo } from '../../byte-files.ts';
import type { Context } from '../../context.ts';
import { formatBytes } from '../../format-bytes.ts';
import type { Io } from '../../io.ts';
import { type PlaceOptions, withJson, withPlace } from '../../options.ts';
import { collected } from '../../pairs.ts';
import { redraw } from '../../redraw.ts';

/** `berth image save | load | import` */
export function addImageMoving(group: Command, context: Context): void {
  addSave(group, context);
  addLoad(group, context);
  addImport(group, context);
}

function addSave(group: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(group.command('save')))
    .description('Write images, with their layers and names, into one tar.')
    .argument('<image...>', 'names or ids')
    .option('-o, --output <file>', 'into that file; left out: to standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  berth image save -o redis.tar redis:7\n  berth image save app:1 redis:7 | gzip > both.tar.gz',
    )
    .action(async (names: string[], { output, ...options }: PlaceOptions & { readonly output?: string }) => {
      const size = await asked(deps, options, images, async (client) => {
        const { tar } = await client.save({ images: names }, { signal });
        return await bytesTo(output, tar, io, output === undefined ? undefined : shownOn(io, options));
      });
      if (output === undefined) return;
      io.out(options.json ? `${JSON.stringify({ images: names, file: output, size })}\n` : `${output}\n`);
    });
}

function addLoad(group: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(group.command('load')))
    .description('Take in the images of a tar that `save` made.')
    .option('-i, --input <file>', 'from that file; left out: from standard input')
    .addHelpText('after', '\nExamples:\n  berth image load -i redis.tar\n  berth image load < redis.tar')
    .action(async ({ input, ...options }: PlaceOptions & { readonly input?: string }) => {
      const tar = counted(bytesFrom(input, io), shownOn(io, options));
      const { images: loaded } = await asked(deps, options, images, (client) =>
        client.load({ tar }, { signal }),
      );
      for (const one of loaded) io.out(`${options.json ? JSON.stringify(one) : (one.tags[0] ?? one.id)}\n`);
    });
}

interface ImportOptions extends PlaceOptions {
  readonly change?: string[];
  readonly message?: string;
  readonly platform?: string;
}

function addImport(group: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(group.command('import')))
    .description('Make an image of one layer from a tar of a root file system.')
    .argument('<file>', 'the tar; - is standard input; or an address of http, which the engine fetches')
    .argument('<name>', 'what it is called')
    .option('-c, --change <line>', 'a line as in a Dockerfile: CMD, ENV, EXPOSE …', collected)
    .option('-m, --message <text>', 'for its history')
    .option('--platform <platform>', 'for which machine it is: linux/arm64')
    .addHelpText(
      'after',
      '\nExamples:\n  berth image import root.tar base:1 -c \'CMD ["sh"]\'\n  tar -C root -c . | berth image import - base:1\n  berth image import https://example.com/root.tar.gz base:1',
    )
    .action(async (file: string, image: string, given: ImportOptions) => {
      const { change, message, platform, ...options } = given;
      const how = {
        image,
        ...(change && { changes: [...change] }),
        ...(message !== undefined && { message }),
        ...(platform !== undefined && { platform }),
      };
      const made = await asked(deps, options, images, (client) =>
        /^https?:\/\//.test(file)
          ? client.import_remote({ ...how, remote: file }, { signal })
          : client.import({ ...how, tar: counted(bytesFrom(file, io), shownOn(io, options)) }, { signal }),
      );
      io.out(`${options.json ? JSON.stringify(made) : made.image}\n`);
    });
}

const SHOW_MS = 100;

/** How many bytes so far, in one line of a terminal; nowhere else. */
function shownOn(io: Io, { json }: PlaceOptions): (so_far: number) => void {
  if (json || !io.terminal) return () => undefined;
  const draw = redraw(io);
  let last = 0;
  return (so_far) => {
    const now = performance.now();
    if (now - last < SHOW_MS) return;
    last = now;
    draw(formatBytes(so_far));
  };
}

async function* counted(tar: ByteStream, onBytes: (so_far: number) => void): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const chunk of tar) {
    count += chunk.length;
    onBytes(count);
    yield chunk;
  }
}
