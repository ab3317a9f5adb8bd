import { createHash } from 'node:crypto';
import { createReadStream, linkSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** A layer that the storage holds. */
export interface Layer {
  /** Of the plain tar: `sha256:…`. */
  readonly digest: string;
  readonly size: number;
}

/** What the image says about how it is run, in the words of its own format. */
export type ImageConfig = Readonly<Record<string, unknown>>;

const BELOW = 'docker/registry/v2';

/** Put a plain tar into the storage of a registry. The file is linked, so it must stay as it is. */
export async function addLayer(storage: string, tar: string): Promise<Layer> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(tar), hash);
  const digest = `sha256:${hash.digest('hex')}`;
  const path = blobPath(storage, digest);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  linkSync(tar, path);
  return { digest, size: statSync(tar).size };
}

/** Put an image into the storage of a registry under `repository:tag`, as a push would. */
export function addImage(storage: string, name: string, layers: readonly Layer[], config: ImageConfig): void {
  const [repository = '', tag = ''] = name.split(':');
  const described = addBlob(storage, {
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  });
  const manifest = addBlob(storage, {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...described },
    layers: layers.map((layer) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer })),
  });
  const folder = join(storage, BELOW, 'repositories', repository);
  for (const { digest } of [...layers, described]) link(join(folder, '_layers', hexPath(digest)), digest);
  link(join(folder, '_manifests/revisions', hexPath(manifest.digest)), manifest.digest);
  link(join(folder, '_manifests/tags', tag, 'current'), manifest.digest);
  link(join(folder, '_manifests/tags', tag, 'index', hexPath(manifest.digest)), manifest.digest);
}

function addBlob(storage: string, value: unknown): Layer {
  const text = JSON.stringify(value);
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const path = blobPath(storage, digest);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return { digest, size: Buffer.byteLength(text) };
}

function blobPath(storage: string, digest: string): string {
  const hex = digest.slice('sha256:'.length);
  return join(storage, BELOW, 'blobs/sha256', hex.slice(0, 2), hex, 'data');
}

function hexPath(digest: string): string {
  return digest.replace(':', '/');
}

function link(folder: string, digest: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'link'), digest);
}
