import type { ContainerRow } from '../container-row.ts';

type Cell = string | number | null;

/** A row as SQLite holds it: lists and objects as JSON text, booleans as 0 and 1. */
export type RawRow = {
  readonly [K in keyof ContainerRow]: ContainerRow[K] extends Cell ? ContainerRow[K] : Cell;
};

interface Codec {
  read(cell: Cell): unknown;
  write(value: unknown): Cell;
}

const plain: Codec = {
  read: (cell) => cell,
  write: (value) => (value === undefined ? null : (value as Cell)),
};
const json: Codec = {
  read: (cell) => (cell === null ? null : JSON.parse(String(cell))),
  write: (value) => (value === null || value === undefined ? null : JSON.stringify(value)),
};
const flag: Codec = { read: (cell) => cell === 1, write: (value) => (value === true ? 1 : 0) };

/** One line a column: a column without its line does not compile. */
const COLUMNS: { readonly [K in keyof ContainerRow]: Codec } = {
  id: plain,
  name: plain,
  entry_source: plain,
  declared: flag,
  aliases: json,
  spec: json,
  spec_hash: plain,
  recreate_hash: plain,
  desired_state: plain,
  stop_timeout: plain,
  keep_volumes: flag,
  restart_from: plain,
  replacement: json,
  generation: plain,
  created_at: plain,
  group_name: plain,
  service: plain,
  replica: plain,
  release: plain,
  status: plain,
  health: plain,
  ready: flag,
  probe_state: json,
  exit_code: plain,
  reason: json,
  attempt: plain,
  begun: json,
  replacing: json,
  leaving: json,
  healing: json,
  accepted: json,
  repairs: json,
  failures: plain,
  next_attempt_at: plain,
  completed: flag,
  waits_for: json,
  waits_since: plain,
  completed_hash: plain,
  engine_id: plain,
  image_id: plain,
  applied_hash: plain,
  applied_generation: plain,
  observed: json,
  observed_at: plain,
  removed_at: plain,
  due_at: plain,
  claimed_by: plain,
  claim_token: plain,
  claim_expires_at: plain,
  follower: plain,
  follow_token: plain,
  follow_expires_at: plain,
  updated_at: plain,
};

export const ROW_COLUMNS = Object.keys(COLUMNS) as readonly (keyof ContainerRow)[];

/** From SQLite. */
export function readRow(raw: RawRow): ContainerRow {
  return Object.fromEntries(
    ROW_COLUMNS.map((column) => [column, COLUMNS[column].read(raw[column])]),
  ) as Record<keyof ContainerRow, unknown> as ContainerRow;
}

/** To SQLite: only the columns given. */
export function writeColumns(patch: Partial<ContainerRow>): Record<string, Cell> {
  const given = ROW_COLUMNS.filter((column) => Object.hasOwn(patch, column) && patch[column] !== undefined);
  return Object.fromEntries(given.map((column) => [column, COLUMNS[column].write(patch[column])]));
}
