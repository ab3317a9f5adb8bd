import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { ByteStream } from '../../contracts/byte-stream.ts';
import { ContractError } from '../../contracts/contract-error.ts';
import type { Io } from './io.ts';

/** The bytes of a file, or of standard input for `-` and for none. Throws invalid_input when somebody would have to type them. */
export function bytesFrom(file: string | undefined, io: Io): ByteStream {
  if (file !== undefined && file !== '-') return readable(file);
  if (io.console.typed)
    throw new ContractError('invalid_input', 'the tar comes from a file or from standard input', {
      next: 'Name it with -i FILE, or write `< FILE`.',
    });
  return io.console.read();
}

async function* readable(file: string): ByteStream {
  try {
    yield* createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw new ContractError('invalid_input', `${file} cannot be read: ${wordsOf(error)}`, { cause: error });
  }
}

/** Bytes into a file, whole or not at all, or to standard output. Answers how many. Throws invalid_input. */
export async function bytesTo(
  file: string | undefined,
  tar: ByteStream,
  io: Io,
  onBytes: (so_far: number) => void = () => undefined,
): Promise<number> {
  let count = 0;
  if (file === undefined || file === '-') {
    if (io.terminal)
      throw new ContractError('invalid_input', 'a terminal shows no tar', {
        next: 'Name a file with -o FILE, or write `> FILE`.',
      });
    for await (const chunk of tar) {
      await io.console.write('stdout', chunk);
      count += chunk.length;
      onBytes(count);
    }
    return count;
  }
  const part = `${file}.${randomUUID().slice(0, 8)}.part`;
  const handle = await open(part, 'wx').catch((error: unknown) => {
    throw new ContractError('invalid_input', `${file} cannot be written: ${wordsOf(error)}`, {
      cause: error,
    });
  });
  try {
    for await (const chunk of tar) {
      await handle.writeFile(chunk);
      count += chunk.length;
      onBytes(count);
    }
    await handle.close();
    await rename(part, file);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
  return count;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
