import { relative, resolve } from 'node:path';
import type { ComposeBuild } from '../model/service.ts';
import { isAddress } from '../model/shapes.ts';
import { hostEntries } from './networking.ts';
import type { Fields, Taking } from './taking.ts';

const UNTAKEN: Readonly<Partial<Record<keyof ComposeBuild, string>>> = {
  additional_contexts: 'put what is needed into the context',
  entitlements: 'leave it out, or build the image by `docker build`',
  isolation: 'leave it out: it means nothing on Linux',
  privileged: 'leave it out, or build the image by `docker build`',
  provenance: 'leave it out',
  sbom: 'leave it out',
  ssh: 'build it by `docker build --ssh …`, and name the image',
  ulimits: 'leave it out, or build the image by `docker build`',
};

/** An image that is built first. It gets the name that Compose gives it, unless it has one. */
export async function build(given: ComposeBuild, hasImage: boolean, taking: Taking): Promise<Fields> {
  const { say, shown, project, name, variables, purpose } = taking;
  for (const [key, instead] of Object.entries(UNTAKEN))
    if (given[key as keyof ComposeBuild] !== undefined) say(`build.${key}`, 'is not taken', { instead });
  if (given.cache_to !== undefined) say('build.cache_to', 'is not taken', { level: 'note' });
  if (given.tags !== undefined)
    say('build.tags', 'further names are not given', {
      level: 'warning',
      instead: '`berth image tag` gives them',
    });
  const network = networkOf(given, taking);
  const secrets = secretsOf(given, taking);
  if (isAddress(given.context)) {
    say('build.context', 'a context is a folder of this machine', {
      instead: `fetch ${given.context} first, and name its folder`,
    });
    return {};
  }
  const [platform, ...others] = given.platforms ?? [];
  if (others.length > 0)
    say('build.platforms', 'an image is built for one platform', { instead: 'leave one of them' });
  const args = Object.entries(given.args ?? {}).flatMap(([key, value]): [string, string][] => {
    const here = value ?? variables[key];
    return here === undefined ? [] : [[key, here]];
  });
  const { target, cache_from, no_cache, pull, labels, shm_size } = given;
  const extra_hosts = hostEntries(given.extra_hosts ?? {});
  return {
    ...(!hasImage && { image: purpose === 'run' ? `${project}-${name}` : `${project}-${name}:latest` }),
    build: {
      context: shown(given.context),
      ...(await dockerfile(given, taking)),
      ...(args.length > 0 && { build_args: Object.fromEntries(args) }),
      ...(target !== undefined && { target }),
      ...(platform !== undefined && { platform }),
      ...(cache_from !== undefined && { cache_from }),
      ...(no_cache !== undefined && { no_cache }),
      ...(pull !== undefined && { pull }),
      ...(labels !== undefined && { labels }),
      ...(shm_size !== undefined && { shm_size }),
      ...(network !== undefined && { network }),
      ...(extra_hosts.length > 0 && { extra_hosts }),
      ...(secrets.length > 0 && { secrets }),
    },
  };
}

function networkOf({ network }: ComposeBuild, { say }: Taking): 'default' | 'none' | 'host' | undefined {
  if (network === undefined || network === 'default' || network === 'none' || network === 'host')
    return network;
  say('build.network', `steps cannot join ${network}`, { instead: 'default, none or host' });
  return undefined;
}

function secretsOf(
  { secrets = [] }: ComposeBuild,
  { say, shown, model }: Taking,
): { readonly id: string; readonly file: string }[] {
  return secrets.flatMap(({ source, target = source }, index) => {
    const file = model.secrets?.[source]?.file;
    if (file !== undefined) return [{ id: target, file: shown(file) }];
    if (model.secrets?.[source] === undefined)
      say(`build.secrets.${index}`, `there is no ${source} among the file’s \`secrets\``);
    else
      say(`build.secrets.${index}`, `${source} is in no file, and would have to be kept for the build`, {
        instead: 'say `file:`, or build it by `berth image build --secret …`, and name the image',
      });
    return [];
  });
}

/** One outside of the context is read, since the context cannot hold it. */
async function dockerfile(
  { context, dockerfile: file, dockerfile_inline: inline }: ComposeBuild,
  { read, say }: Taking,
): Promise<{ file?: string; dockerfile?: string }> {
  // A text of one line is taken for a path.
  if (inline !== undefined) return { dockerfile: inline.includes('\n') ? inline : `${inline}\n` };
  if (file === undefined) return {};
  const path = resolve(context, file);
  const within = relative(context, path);
  if (!within.startsWith('..') && !within.startsWith('/'))
    return within === 'Dockerfile' ? {} : { file: within };
  const text = await read(path);
  if (text === undefined) say('build.dockerfile', `there is no file ${path}`);
  return text === undefined ? {} : { dockerfile: text.includes('\n') ? text : `${text}\n` };
}
