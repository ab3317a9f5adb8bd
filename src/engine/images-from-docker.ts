import type { ImageInfo, ImageInspectInfo } from 'dockerode';
import type { ImageDetails, ImageHistoryEntry } from '../../contracts/image-methods/image-view.ts';
import type { ObservedImage } from '../plan/observed.ts';
import { observedImage } from './from-docker.ts';
import type { RemovedImage } from './port/image-calls.ts';
import { shownImage } from './shown-image.ts';

/** One of `GET /images/json`; it does not say for which machine it is. */
export function listedImage({ Id, RepoTags, RepoDigests, Labels, Size, Created }: ImageInfo): ObservedImage {
  return {
    id: Id,
    // Engines before 25 say so of an image without a name.
    tags: (RepoTags ?? []).filter((tag) => tag !== '<none>:<none>'),
    digests: (RepoDigests ?? []).filter((digest) => digest !== '<none>@<none>'),
    labels: Labels ?? {},
    size: Size,
    created_at: new Date(Created * 1000).toISOString(),
    os: '',
    architecture: '',
  };
}

/** `GET /images/…/json`, all of it. */
export function imageDetails(info: ImageInspectInfo): ImageDetails {
  const { Config: config } = info;
  const test = (config as { Healthcheck?: { Test?: readonly string[] } } | undefined)?.Healthcheck?.Test;
  const stop_signal = (config as { StopSignal?: string } | undefined)?.StopSignal;
  return {
    ...shownImage(observedImage(info)),
    os: info.Os,
    architecture: info.Architecture,
    ...(info.Variant && { variant: info.Variant }),
    ...(info.Author && { author: info.Author }),
    ...(info.Comment && { comment: info.Comment }),
    layers: info.RootFS?.Layers ?? [],
    ...(config?.User && { user: config.User }),
    ...(config?.WorkingDir && { work_dir: config.WorkingDir }),
    env: Object.fromEntries((config?.Env ?? []).map(pair)),
    ...(config?.Cmd && { command: config.Cmd }),
    ...(config?.Entrypoint && { entrypoint: [config.Entrypoint].flat() }),
    ports: Object.keys(config?.ExposedPorts ?? {}),
    volumes: Object.keys(config?.Volumes ?? {}),
    ...(stop_signal && { stop_signal }),
    ...(test && { health_check: [...test] }),
  };
}

function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** One of `GET /images/…/history`. */
export function historyEntry(entry: {
  readonly Id: string;
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Size: number;
  readonly Tags: readonly string[] | null;
  readonly Comment: string;
}): ImageHistoryEntry {
  return {
    ...(entry.Id !== '<missing>' && { id: entry.Id }),
    created_at: new Date(entry.Created * 1000).toISOString(),
    created_by: entry.CreatedBy,
    size: entry.Size,
    tags: [...(entry.Tags ?? [])],
    ...(entry.Comment && { comment: entry.Comment }),
  };
}

/** What `DELETE /images/…` says that went. */
export function removedImage(
  said: readonly { readonly Untagged?: string; readonly Deleted?: string }[],
): RemovedImage {
  return {
    removed: true,
    untagged: said.flatMap(({ Untagged }) => Untagged ?? []),
    deleted: said.flatMap(({ Deleted }) => Deleted ?? []),
  };
}
