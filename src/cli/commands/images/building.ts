import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { ContractError } from '../../../../contracts/contract-error.ts';
import { images } from '../../../../contracts/images.ts';
import { system } from '../../../../contracts/system.ts';
import { buildView } from '../../build-view.ts';
import type { Context } from '../../context.ts';
import { type PlaceOptions, withJson, withPlace } from '../../options.ts';
import { collected, labelled } from '../../pairs.ts';
import type { Session } from '../../session.ts';

interface BuildCommandOptions extends PlaceOptions {
  readonly tag?: string[];
  readonly file?: string;
  readonly buildArg?: Record<string, string>;
  readonly target?: string;
  readonly platform?: string;
  readonly cacheFrom?: string[];
  readonly cache: boolean;
  readonly pull?: true;
  readonly quiet?: true;
  readonly label?: Record<string, string>;
  readonly secret?: string[];
  readonly network?: 'default' | 'none' | 'host';
  readonly addHost?: string[];
  readonly shmSize?: string;
  readonly memory?: string;
  readonly memorySwap?: string;
  readonly builder?: 'buildkit' | 'classic';
  readonly detach?: true;
}

/** `berth image build`, and the same as `berth build`. */
export function addBuild(group: Command, context: Context): void {
  withJson(withPlace(group.command('build')))
    .description('Build an image from a folder with a Dockerfile, or from what the engine fetches.')
    .argument('<context>', 'a folder, or an address of git or http')
    .requiredOption('-t, --tag <name>', 'the image’s name: [registry/]path[:tag]; may be repeated', collected)
    .option('-f, --file <path>', 'the Dockerfile within the folder (Dockerfile)')
    .option('--build-arg <name=value>', 'a value for an ARG', labelled)
    .option('--target <stage>', 'the stage to build (the last)')
    .option('--platform <platform>', 'linux/arm64 …')
    .option('--cache-from <image>', 'use its layers', collected)
    .option('--no-cache', 'do every step anew')
    .option('--pull', 'ask the registry for newer base images')
    .option('-q, --quiet', 'print the image’s id alone')
    .option('--label <name=value>', 'a label on the image', labelled)
    .option('--secret <secret>', 'id=NAME,src=PATH, for RUN --mount=type=secret', collected)
    .addOption(
      new Option('--network <network>', 'the network of the steps').choices(['default', 'none', 'host']),
    )
    .option('--add-host <name:address>', 'a name in the steps; may be repeated', collected)
    .option('--shm-size <size>', 'size of /dev/shm: 64m')
    .option('--memory <size>', 'memory of a step (classic builder)')
    .option('--memory-swap <size>', 'memory and swap of a step; -1: without limit (classic builder)')
    .addOption(new Option('--builder <builder>', 'default: BuildKit').choices(['buildkit', 'classic']))
    .option('-d, --detach', 'print the build’s id and leave it to itself')
    .addHelpText(
      'after',
      '\nExamples:\n  berth build -t app:1.2 .\n  berth image build -t registry.example.com/app -f docker/App --build-arg VERSION=1.2 --secret id=token,src=token.txt .\n  berth build --detach -t app . && berth call images build_status --build_id build_… --wait',
    )
    .action((folder: string, options: BuildCommandOptions) => build(folder, options, context));
}

async function build(folder: string, options: BuildCommandOptions, context: Context): Promise<void> {
  const { deps, io, signal } = context;
  const [first = '', ...others] = options.tag ?? [];
  const session = await deps.session(options);
  try {
    // A receiver of its own, that is gone with this command.
    const target = { reply_to: `con_${randomUUID()}`, topic: 'build' };
    const client = session.open(images);
    const { build_id, names } = await client.build(
      { ...requestOf(folder, first, options), ...(!options.detach && { stream: target }) },
      { signal },
    );
    if (options.detach) {
      io.out(`${options.json ? JSON.stringify({ build_id, names }) : build_id}\n`);
      return;
    }
    await follow(session, { build_id, target }, options, context);
    const { image_id = '', error } = await client.build_status({ build_id, wait: true, tail: 0 }, { signal });
    if (error !== undefined) throw ContractError.fromWire(error);
    for (const name of others) await client.tag({ image: image_id, target: name }, { signal });
    const all = [...names, ...others];
    if (options.json) io.out(`${JSON.stringify({ build_id, image_id, names: all })}\n`);
    else io.out(options.quiet ? `${image_id}\n` : `${all.join(' ')}  ${image_id}\n`);
  } finally {
    await session.close();
  }
}

/** Shows it to its end; Ctrl-C ends it. */
async function follow(
  session: Session,
  { build_id, target }: { readonly build_id: string; readonly target: { reply_to: string; topic: string } },
  { json, quiet }: Pick<BuildCommandOptions, 'json' | 'quiet'>,
  { io, deps, signal }: Context,
): Promise<void> {
  const view = json || quiet ? undefined : buildView(io, deps.now);
  let failed = false;
  let over = false;
  try {
    for await (const event of session.listen({ ...target, from_seq: 1 }, signal)) {
      if (json) io.out(`${JSON.stringify(event)}\n`);
      view?.hear(event);
      if (event.type !== 'done') continue;
      failed = 'error' in event && event.error !== undefined;
      over = true;
      break;
    }
  } finally {
    view?.end(failed);
    if (!over) await session.open(system).stop_operation({ operation_id: build_id });
  }
  if (!over) throw new ContractError('aborted', `${build_id} was stopped`);
}

function requestOf(folder: string, name: string, options: BuildCommandOptions) {
  const {
    file,
    buildArg,
    target,
    platform,
    cacheFrom,
    cache,
    pull,
    label,
    secret,
    network,
    addHost,
    shmSize,
    memory,
    memorySwap,
    builder,
  } = options;
  const isRemote = /^(https?:\/\/|git:\/\/|git@|github\.com\/)/.test(folder);
  return {
    name,
    ...(isRemote ? { remote: folder } : { context: resolve(folder) }),
    ...(file !== undefined && { file }),
    ...(buildArg && { build_args: buildArg }),
    ...(target !== undefined && { target }),
    ...(platform !== undefined && { platform }),
    ...(cacheFrom && { cache_from: cacheFrom }),
    ...(!cache && { no_cache: true }),
    ...(pull && { pull }),
    ...(label && { labels: label }),
    ...(secret && { secrets: secret.map(secretOf) }),
    ...(network !== undefined && { network }),
    ...(addHost && { extra_hosts: addHost }),
    ...(shmSize !== undefined && { shm_size: shmSize }),
    ...(memory !== undefined && { memory }),
    ...(memorySwap !== undefined && { memory_swap: memorySwap === '-1' ? -1 : memorySwap }),
    ...(builder !== undefined && { builder }),
  };
}

/** `id=NAME,src=PATH`, as docker has it. */
function secretOf(text: string): { readonly id: string; readonly file: string } {
  const fields = Object.fromEntries(text.split(',').map((field) => field.split('=', 2)));
  const { id, src, source } = fields as Readonly<Record<string, string | undefined>>;
  const path = src ?? source;
  if (id === undefined || path === undefined)
    throw new ContractError('invalid_input', `--secret ${text}: write id=NAME,src=PATH`);
  return { id, file: resolve(path) };
}
