import type { PullProgress } from '../port/image-calls.ts';

/** One line of the engine’s pull progress. */
export interface PullLine {
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string; readonly code?: number };
}

export interface Heard {
  readonly progress: PullProgress;
  /** Whether the line told a new byte or a new word, and not the same again. */
  readonly moved: boolean;
  /** Whether some layer is being checked or unpacked, which says nothing for long on a slow disk. */
  readonly quiet: boolean;
}

interface Layer {
  status: string;
  /** Place in the phase that it is in. */
  at: number;
  current: number;
  total: number;
}

/** Sums one pull’s lines over its layers: of the bytes, only downloads count, and none is counted twice. */
export function pullProgress(): (line: PullLine) => Heard {
  const layers = new Map<string, Layer>();
  return ({ id = '', status = '', progressDetail }) => {
    const layer = layers.get(id) ?? { status: '', at: 0, current: 0, total: 0 };
    layers.set(id, layer);
    const at = progressDetail?.current ?? 0;
    const moved = layer.status !== status || layer.at !== at;
    layer.status = status;
    layer.at = at;
    if (status === 'Downloading' && progressDetail?.total !== undefined) {
      layer.current = Math.max(layer.current, at);
      layer.total = Math.max(progressDetail.total, layer.current);
    }
    if (status === 'Download complete' || status === 'Pull complete') layer.current = layer.total;
    const all = [...layers.values()];
    return {
      moved,
      quiet: all.some((one) => /^(Extracting|Verifying)/.test(one.status)),
      progress: {
        phase: status,
        ...(id !== '' && { layer: id }),
        current: all.reduce((sum, { current }) => sum + current, 0),
        total: all.reduce((sum, { total }) => sum + total, 0),
      },
    };
  };
}
