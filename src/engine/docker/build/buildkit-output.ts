import type { BuildProgress } from '../../port/build-calls.ts';
import { decodeTrace, type Vertex, type VertexLog, type VertexStatus } from './decode-trace.ts';
import { lineCutter } from './line-cutter.ts';

/** Hears BuildKit’s traces and tells steps, lines and how far downloads are. */
export function buildkitOutput(): {
  readonly hear: (aux: string) => readonly BuildProgress[];
  readonly end: () => readonly BuildProgress[];
} {
  const told = new Map<string, BuildProgress & { readonly type: 'step' }>();
  const names = new Map<string, string>();
  const cutters = new Map<string, ReturnType<typeof lineCutter>>();

  const step = (vertex: Vertex): readonly BuildProgress[] => {
    names.set(vertex.digest, vertex.name);
    const next = stepOf(vertex);
    const before = told.get(vertex.digest);
    // A step may be run again by another part of the build; what is over is told once more only if it ends otherwise.
    if (next === undefined || before?.status === next.status || (before && next.status === 'started'))
      return [];
    told.set(vertex.digest, next);
    return [next];
  };
  const lines = ({ vertex, stream, data }: VertexLog): readonly BuildProgress[] => {
    const key = `${vertex} ${stream}`;
    const cutter = cutters.get(key) ?? lineCutter();
    cutters.set(key, cutter);
    return cutter.push(data).map((line) => logOf(stream, line));
  };
  return {
    hear: (aux) => {
      const { vertexes, statuses, logs, warnings } = decodeTrace(aux);
      return [
        ...vertexes.flatMap(step),
        ...logs.flatMap(lines),
        ...statuses.filter(({ total }) => total > 0).map((status) => progressOf(status, names)),
        ...warnings.map((warning) => logOf(2, Buffer.from(`warning: ${warning}`))),
      ];
    },
    end: () =>
      [...cutters].flatMap(([key, cutter]) =>
        cutter.flush().map((line) => logOf(key.endsWith(' 2') ? 2 : 1, line)),
      ),
  };
}

function stepOf({
  digest,
  name,
  cached,
  started,
  completed,
  error,
}: Vertex): (BuildProgress & { readonly type: 'step' }) | undefined {
  const step = { type: 'step', step: digest, name } as const;
  if (started === undefined && !cached) return undefined;
  if (completed === undefined) return { ...step, status: 'started' };
  const time = { duration_ms: Math.max(0, completed - (started ?? completed)) };
  if (error !== '') return { ...step, ...time, status: 'failed', message: error };
  return { ...step, ...time, status: cached ? 'cached' : 'done' };
}

function logOf(stream: number, data: Buffer): BuildProgress {
  return { type: 'log', stream: stream === 2 ? 'stderr' : 'stdout', data };
}

function progressOf(
  { id, vertex, name, current, total }: VertexStatus,
  names: ReadonlyMap<string, string>,
): BuildProgress {
  return {
    type: 'progress',
    image: names.get(vertex) ?? vertex,
    phase: name === '' ? 'Downloading' : name,
    layer: id,
    current: Math.max(0, current),
    total,
  };
}
