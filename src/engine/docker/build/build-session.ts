import { randomUUID } from 'node:crypto';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import type { BuildFolder } from '../../port/build-calls.ts';
import type { RegistryAuth } from '../../port/image-calls.ts';
import type { Api } from '../api.ts';
import { DIFF_COPY, type Packet, readPacket, sendFailure, sendFolder } from './file-sync.ts';

/** A connection over which a BuildKit build asks us for what is ours alone. */
export interface BuildSession {
  readonly id: string;
  /** Why a folder could not be read to its end, when that was so. */
  failure(): unknown;
  close(): void;
}

export interface Asked {
  /** Who we are to a registry, by its host as BuildKit says it. */
  readonly credentialsOf: (host: string) => Promise<RegistryAuth | undefined>;
  readonly secrets: Readonly<Record<string, Uint8Array>>;
  /** By name: what BuildKit may fetch. */
  readonly folders: Readonly<Record<string, BuildFolder>>;
}

type Text = { readonly text: string };
type Answer = (asked: Text) => Promise<Buffer | undefined>;

/**
 * Open a session as `docker build` does: the engine speaks gRPC on it and we answer. Three services: credentials and secrets,
 * whose one field of interest is the first, and the sign of life without which the engine ends the session.
 */
export async function openBuildSession(
  api: Api,
  { credentialsOf, secrets, folders }: Asked,
  signal: AbortSignal,
): Promise<BuildSession> {
  const id = randomUUID();
  const socket = await api.upgrade(
    {
      method: 'POST',
      path: '/session',
      headers: {
        Upgrade: 'h2c',
        'X-Docker-Expose-Session-Uuid': id,
        'X-Docker-Expose-Session-Name': 'berth',
        // What another build fetched must not be taken for the same: times tell nothing here.
        'X-Docker-Expose-Session-Sharedkey': id,
        ...(Object.keys(folders).length > 0 && { 'X-Docker-Expose-Session-Grpc-Method': DIFF_COPY }),
      },
    },
    { doing: 'open a build session', signal },
  );
  const server = new Server();
  serve(server, '/grpc.health.v1.Health/Check', async () => Buffer.from([8, 1]));
  serve(server, '/moby.filesync.v1.Auth/Credentials', async ({ text }) => {
    const {
      username = '',
      password = '',
      identity_token,
    } = { ...(await credentialsOf(text)) } as {
      readonly username?: string;
      readonly password?: string;
      readonly identity_token?: string;
    };
    const writer = protobuf.Writer.create();
    if (identity_token === undefined) writer.uint32(10).string(username);
    return Buffer.from(
      writer
        .uint32(18)
        .string(identity_token ?? password)
        .finish(),
    );
  });
  serve(server, '/moby.buildkit.secrets.v1.Secrets/GetSecret', async ({ text }) => {
    const secret = Object.hasOwn(secrets, text) ? secrets[text] : undefined;
    return secret && Buffer.from(protobuf.Writer.create().uint32(10).bytes(secret).finish());
  });
  let failure: unknown;
  serveFolders(server, folders, (error) => {
    failure = error;
  });
  server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(bare(socket));
  return {
    id,
    failure: () => failure,
    close: () => {
      server.forceShutdown();
      socket.destroy();
    },
  };
}

/** Over TLS nobody agreed on HTTP/2 beforehand, and Node’s server would refuse what it can see to be such a connection. */
function bare(socket: Duplex): Duplex {
  return socket instanceof TLSSocket ? Duplex.from({ readable: socket, writable: socket }) : socket;
}

function serveFolders(
  server: Server,
  folders: Readonly<Record<string, BuildFolder>>,
  onFailure: (error: unknown) => void,
): void {
  const call = {
    path: DIFF_COPY,
    requestStream: true,
    responseStream: true,
    requestSerialize: () => Buffer.alloc(0),
    requestDeserialize: readPacket,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes: Buffer) => bytes,
  } as const;
  const answer = async (stream: ServerDuplexStream<Packet, Buffer>): Promise<void> => {
    stream.on('error', () => undefined);
    try {
      await sendFolder(stream, folders);
    } catch (error) {
      // What the engine breaks off itself it tells by the build.
      if (!stream.cancelled) {
        onFailure(error);
        sendFailure(stream, error instanceof Error ? error.message : String(error));
      }
    }
    stream.end();
  };
  server.addService({ call }, { call: (stream: ServerDuplexStream<Packet, Buffer>) => void answer(stream) });
}

/** One call. What it is asked is the first field, a text; without an answer it is not found. */
function serve(server: Server, path: string, answer: Answer): void {
  const reply = (call: ServerUnaryCall<Text, Buffer>, done: sendUnaryData<Buffer>): void => {
    answer(call.request).then(
      (found) =>
        found === undefined
          ? done({ code: status.NOT_FOUND, details: `${call.request.text} is not there` })
          : done(null, found),
      () => done({ code: status.INTERNAL, details: 'it could not be read' }),
    );
  };
  const same = (bytes: Buffer): Buffer => bytes;
  const call = {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: ({ text }: Text) => Buffer.from(text),
    requestDeserialize: firstText,
    responseSerialize: same,
    responseDeserialize: same,
  } as const;
  server.addService({ call }, { call: reply });
}

function firstText(bytes: Buffer): Text {
  const reader = protobuf.Reader.create(bytes);
  let text = '';
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 10) text = reader.string();
    else reader.skipType(tag & 7);
  }
  return { text };
}
