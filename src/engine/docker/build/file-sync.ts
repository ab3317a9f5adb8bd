import type { ServerDuplexStream } from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import type { BuildFolder, FolderEntry } from '../../port/build-calls.ts';

export const DIFF_COPY = '/moby.filesync.v1.FileSync/DiffCopy';
const STAT = 0;
const REQUEST = 1;
const DATA = 2;
const FINISHED = 3;
const ERROR = 4;
/** Go’s own bits of a file’s kind, beside the permissions. */
const GO_FOLDER = 2 ** 31;
const GO_LINK = 2 ** 27;
const SET_USER = [0o4000, 2 ** 23] as const;
const SET_GROUP = [0o2000, 2 ** 22] as const;
const STICKY = [0o1000, 2 ** 20] as const;

/** What BuildKit sends on such a call. */
export interface Packet {
  readonly type: number;
  readonly id: number;
}

/**
 * BuildKit’s way to fetch a folder (`fsutil`): it is told all that is there, in the order of a walk, asks for files by their number, and
 * says when it has all of them. What is left out of a context is left out of the folder already.
 */
export async function sendFolder(
  call: ServerDuplexStream<Packet, Buffer>,
  folders: Readonly<Record<string, BuildFolder>>,
): Promise<void> {
  const entries = asked(call, folders).toSorted((one, other) => (walkKey(one) < walkKey(other) ? -1 : 1));
  for (const entry of entries) await send(call, statPacket(entry));
  await send(call, packet(STAT));
  // Left open: its end is to be told in order.
  for await (const { type, id } of call.iterator({ destroyOnReturn: false }) as AsyncIterable<Packet>) {
    if (type === FINISHED) return await send(call, packet(FINISHED));
    if (type === ERROR) return;
    const entry = type === REQUEST ? entries[id] : undefined;
    if (entry?.kind !== 'file') continue;
    for await (const part of entry.read()) await send(call, dataPacket(id, part));
    await send(call, dataPacket(id));
  }
}

/** Told before the engine gives up on the folder. */
export function sendFailure(call: ServerDuplexStream<Packet, Buffer>, message: string): void {
  call.write(protobuf.Writer.create().uint32(8).int32(ERROR).uint32(34).string(message).finish() as Buffer);
}

export function readPacket(bytes: Buffer): Packet {
  const reader = protobuf.Reader.create(bytes);
  let type = 0;
  let id = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 8) type = reader.int32();
    else if (tag === 24) id = reader.uint32();
    else reader.skipType(tag & 7);
  }
  return { type, id };
}

/** The rules of a folder are asked for alone, before the rest of it. */
function asked(
  { metadata }: ServerDuplexStream<Packet, Buffer>,
  folders: Readonly<Record<string, BuildFolder>>,
): BuildFolder {
  const name = String(metadata.get('dir-name')[0] ?? '');
  const folder = Object.hasOwn(folders, name) ? (folders[name] ?? []) : [];
  const wanted = new Set(metadata.get('followpaths').map(String));
  const isOfRules = wanted.size > 0 && [...wanted].every((path) => path.endsWith('.dockerignore'));
  return isOfRules ? folder.filter(({ path }) => wanted.has(path)) : folder;
}

/** A folder comes right before what is in it. */
function walkKey({ path }: FolderEntry): string {
  return path.replaceAll('/', '\0');
}

function send(call: ServerDuplexStream<Packet, Buffer>, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    if (call.cancelled || call.destroyed) return reject(new Error('the engine wants no more of the folder'));
    call.write(Buffer.from(bytes), (error?: Error | null) => (error ? reject(error) : resolve()));
  });
}

function packet(type: number): Uint8Array {
  return protobuf.Writer.create().uint32(8).int32(type).finish();
}

function dataPacket(id: number, data: Uint8Array = Buffer.alloc(0)): Uint8Array {
  return protobuf.Writer.create().uint32(8).int32(DATA).uint32(24).uint32(id).uint32(34).bytes(data).finish();
}

/** Whoever made a file, and when, must not matter: owner and time are left at zero. */
function statPacket(entry: FolderEntry): Uint8Array {
  const stat = protobuf.Writer.create().uint32(10).string(entry.path).uint32(16).uint32(goMode(entry));
  if (entry.kind === 'file') stat.uint32(40).int64(entry.size);
  if (entry.kind === 'link') stat.uint32(58).string(entry.to);
  return protobuf.Writer.create().uint32(8).int32(STAT).uint32(18).bytes(stat.finish()).finish();
}

function goMode({ kind, mode }: FolderEntry): number {
  const special = [SET_USER, SET_GROUP, STICKY].reduce(
    (sum, [bit, go]) => sum + ((mode & bit) === 0 ? 0 : go),
    0,
  );
  return (mode & 0o777) + special + (kind === 'folder' ? GO_FOLDER : 0) + (kind === 'link' ? GO_LINK : 0);
}
