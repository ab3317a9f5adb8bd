import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { ContractError } from '../../contracts/contract-error.ts';
import { type Context, type ContextEntry, unreadable } from './context-entries.ts';

/** One entry as whoever fetches a folder sees it. */
export type SharedEntry = { readonly path: string; readonly mode: number } & (
  | { readonly kind: 'folder' }
  | { readonly kind: 'link'; readonly to: string }
  | { readonly kind: 'file'; readonly size: number; readonly read: () => AsyncIterable<Uint8Array> }
);

/** A context whose Dockerfile is a text, for builders that fetch both apart. */
export function sharedApart({
  apart,
}: Context):
  | { readonly context: readonly SharedEntry[]; readonly dockerfile: readonly SharedEntry[] }
  | undefined {
  return apart && { context: apart.entries.map(sharedEntry), dockerfile: [sharedEntry(apart.dockerfile)] };
}

function sharedEntry(entry: ContextEntry): SharedEntry {
  const { path, mode } = entry;
  switch (entry.kind) {
    case 'folder':
      return { path, mode, kind: 'folder' };
    case 'link':
      return { path, mode, kind: 'link', to: entry.to };
    case 'text': {
      const content = Buffer.from(entry.content);
      return { path, mode, kind: 'file', size: content.length, read: () => Readable.from([content]) };
    }
    case 'file':
      return { path, mode, kind: 'file', size: entry.size, read: () => contentOf(entry) };
  }
}

/** Throws invalid_input when it changes or goes meanwhile. */
async function* contentOf({
  from,
  size,
}: Extract<ContextEntry, { kind: 'file' }>): AsyncGenerator<Uint8Array> {
  let read = 0;
  try {
    for await (const part of createReadStream(from) as AsyncIterable<Buffer>) {
      read += part.length;
      yield part;
    }
  } catch (error) {
    throw unreadable(from, error);
  }
  if (read !== size) throw new ContractError('invalid_input', `${from} changed while it was being built in`);
}
