import { relative, resolve } from 'node:path';
import type { ComposeBuild } from '../model/service.ts';
import { isAddress } from '../model/shapes.ts';
import type { Fields, Taking } from './taking.ts';

const UNTAKEN: Readonly<Partial<Record<keyof ComposeBuild, string>>> = {
  additional_contexts: 'put what is needed into the context',
  entitlements: 'leave it out, or build the image by `docker build`',
  extra_hosts: 'leave it out, or build the image by `docker build`',
  isolation: 'leave it out: it means nothing on Linux',
  network: 'leave it out, or build the image by `docker build`',
  privileged: 'leave it out, or build the image by `docker build`',
  provenance: 'leave it out',
  sbom: 'leave it out',
  secrets: 'build it by `berth image build --secret …`, and name the image',
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
    },
  };
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
