import type { PullProgress } from '../port/image-calls.ts';

/** One line of the engine’s progress of a pull or a push. */
export interface PullLine {
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  /** What a push made. */
  readonly aux?: { readonly Tag?: string; readonly Digest?: string; readonly Size?: number };
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

/** Bytes go over the net. */
const MOVING: ReadonlySet<string> = new Set(['Downloading', 'Pushing']);
const MOVED: ReadonlySet<string> = new Set(['Download complete', 'Pull complete', 'Pushed']);

/** Sums the lines of one pull or push over its layers: of the bytes, only what goes over the net counts, and none is counted twice. */
export function pullProgress(now: () => number = () => performance.now()): (line: PullLine) => Heard {
  const layers = new Map<string, Layer>();
  const rateOf = newRate(now);
  return ({ id = '', status = '', progressDetail }) => {
    const layer = layers.get(id) ?? { status: '', at: 0, current: 0, total: 0 };
    layers.set(id, layer);
    const at = progressDetail?.current ?? 0;
    const moved = layer.status !== status || layer.at !== at;
    layer.status = status;
    layer.at = at;
    if (MOVING.has(status) && progressDetail?.total !== undefined) {
      layer.current = Math.max(layer.current, at);
      layer.total = Math.max(progressDetail.total, layer.current);
    }
    if (MOVED.has(status)) layer.current = layer.total;
    const all = [...layers.values()];
    const current = all.reduce((sum, one) => sum + one.current, 0);
    const rate = rateOf(current);
    return {
      moved,
      quiet: all.some((one) => /^(Extracting|Verifying)/.test(one.status)),
      progress: {
        phase: status,
        ...(id !== '' && { layer: id }),
        current,
        total: all.reduce((sum, { total }) => sum + total, 0),
        ...(rate !== undefined && { rate }),
        ...(id !== '' && { in_layer: { current: at, total: Math.max(at, progressDetail?.total ?? 0) } }),
      },
    };
  };
}

const WINDOW_MS = 3000;

/** Bytes a second over the last moments; undefined until there is something to compare with. */
function newRate(now: () => number): (bytes: number) => number | undefined {
  let samples: readonly { readonly at: number; readonly bytes: number }[] = [];
  return (bytes) => {
    const at = now();
    const last = samples.at(-1);
    // A sample a tenth of a second is enough for a figure, however many lines come.
    if (last === undefined || at - last.at >= 100)
      samples = [...samples.filter((one) => at - one.at <= WINDOW_MS), { at, bytes }];
    const [first] = samples;
    if (first === undefined || at - first.at < 100) return undefined;
    return ((bytes - first.bytes) * 1000) / (at - first.at);
  };
}
