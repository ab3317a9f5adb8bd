import { randomUUID } from 'node:crypto';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import type { RegistryAuth } from '../../port/image-calls.ts';
import type { Api } from '../api.ts';

/** A connection over which a BuildKit build asks us for what is ours alone. */
export interface BuildSession {
  readonly id: string;
  close(): void;
}

export interface Asked {
  /** Who we are to a registry, by its host as BuildKit says it. */
  readonly credentialsOf: (host: string) => Promise<RegistryAuth | undefined>;
  readonly secrets: Readonly<Record<string, Uint8Array>>;
}

type Text = { readonly text: string };
type Answer = (asked: Text) => Promise<Buffer | undefined>;

/**
 * Open a session as `docker build` does: the engine speaks gRPC on it and we answer. Three services: credentials and secrets,
 * whose one field of interest is the first, and the sign of life without which the engine ends the session.
 */
export async function openBuildSession(
  api: Api,
  { credentialsOf, secrets }: Asked,
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
  server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(socket);
  return {
    id,
    close: () => {
      server.forceShutdown();
      socket.destroy();
    },
  };
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
