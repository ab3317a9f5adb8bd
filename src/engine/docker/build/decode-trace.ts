import protobuf from 'protobufjs/minimal.js';

/** A step, in BuildKit’s words; times in milliseconds since 1970. */
export interface Vertex {
  readonly digest: string;
  readonly name: string;
  readonly cached: boolean;
  readonly started?: number;
  readonly completed?: number;
  readonly error: string;
}

/** How far something within a step is. */
export interface VertexStatus {
  readonly id: string;
  readonly vertex: string;
  readonly name: string;
  readonly current: number;
  readonly total: number;
}

export interface VertexLog {
  readonly vertex: string;
  readonly stream: number;
  readonly data: Buffer;
}

export interface Trace {
  readonly vertexes: readonly Vertex[];
  readonly statuses: readonly VertexStatus[];
  readonly logs: readonly VertexLog[];
  readonly warnings: readonly string[];
}

type Reader = protobuf.Reader;
type Fields = Readonly<Record<number, (reader: Reader) => void>>;

/** One `moby.buildkit.trace`: a `moby.buildkit.v1.StatusResponse` in base64. Fields that are not known are passed over. Throws RangeError for what is no such message. */
export function decodeTrace(aux: string): Trace {
  const vertexes: Vertex[] = [];
  const statuses: VertexStatus[] = [];
  const logs: VertexLog[] = [];
  const warnings: string[] = [];
  const reader = protobuf.Reader.create(Buffer.from(aux, 'base64'));
  read(reader, reader.len, {
    1: (one) => vertexes.push(vertexOf(one)),
    2: (one) => statuses.push(statusOf(one)),
    3: (one) => logs.push(logOf(one)),
    4: (one) => warnings.push(warningOf(one)),
  });
  return { vertexes, statuses, logs, warnings };
}

function read(reader: Reader, end: number, fields: Fields): void {
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = fields[tag >>> 3];
    if (field === undefined) reader.skipType(tag & 7);
    else field(reader);
  }
}

/** A message within a message: its length comes before it. */
function readMessage(reader: Reader, fields: Fields): void {
  const length = reader.uint32();
  read(reader, reader.pos + length, fields);
}

function vertexOf(reader: Reader): Vertex {
  const vertex = { digest: '', name: '', cached: false, error: '' };
  const times: { started?: number; completed?: number } = {};
  readMessage(reader, {
    1: (one) => {
      vertex.digest = one.string();
    },
    3: (one) => {
      vertex.name = one.string();
    },
    4: (one) => {
      vertex.cached = one.bool();
    },
    5: (one) => {
      times.started = timeOf(one);
    },
    6: (one) => {
      times.completed = timeOf(one);
    },
    7: (one) => {
      vertex.error = one.string();
    },
  });
  return { ...vertex, ...times };
}

function statusOf(reader: Reader): VertexStatus {
  const status = { id: '', vertex: '', name: '', current: 0, total: 0 };
  readMessage(reader, {
    1: (one) => {
      status.id = one.string();
    },
    2: (one) => {
      status.vertex = one.string();
    },
    3: (one) => {
      status.name = one.string();
    },
    4: (one) => {
      status.current = Number(one.int64());
    },
    5: (one) => {
      status.total = Number(one.int64());
    },
  });
  return status;
}

function logOf(reader: Reader): VertexLog {
  const log = { vertex: '', stream: 1, data: Buffer.alloc(0) };
  readMessage(reader, {
    1: (one) => {
      log.vertex = one.string();
    },
    3: (one) => {
      log.stream = Number(one.int64());
    },
    4: (one) => {
      log.data = Buffer.from(one.bytes());
    },
  });
  return log;
}

function warningOf(reader: Reader): string {
  let short = '';
  readMessage(reader, {
    3: (one) => {
      short = Buffer.from(one.bytes()).toString('utf8');
    },
  });
  return short;
}

function timeOf(reader: Reader): number {
  const time = { seconds: 0, nanos: 0 };
  readMessage(reader, {
    1: (one) => {
      time.seconds = Number(one.int64());
    },
    2: (one) => {
      time.nanos = one.int32();
    },
  });
  return time.seconds * 1000 + time.nanos / 1e6;
}
