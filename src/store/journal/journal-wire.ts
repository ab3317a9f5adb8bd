import type { WireError } from '../../../contracts/contract-error.ts';
import type { LineQuery } from '../journal.ts';
import type { Appending } from './append-chunks.ts';

export interface JournalSettings {
  readonly path: string;
  readonly max_bytes_per_container: number;
  readonly busy_ms: number;
}

/** What the journal asks of its thread. */
export interface JournalRequest {
  readonly id: number;
  readonly call:
    | { readonly method: 'append'; readonly batch: Appending }
    | { readonly method: 'open'; readonly container_id: string; readonly token: number }
    | { readonly method: 'state'; readonly container_id: string }
    | {
        readonly method: 'read';
        readonly container_id: string;
        readonly from_seq: number;
        readonly limit: number;
      }
    | { readonly method: 'lines'; readonly container_id: string; readonly query: LineQuery }
    | { readonly method: 'forget'; readonly container_ids: readonly string[] }
    | { readonly method: 'close' };
}

/** Id 0 tells that the thread is ready, or why not. */
export interface JournalAnswer {
  readonly id: number;
  readonly outcome: { readonly value: unknown } | { readonly error: WireError };
}
