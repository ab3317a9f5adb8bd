import type { ContainerView } from '../../../contracts/container-view.ts';
import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import { LABEL, ownership } from '../../engine/labels.ts';
import type { ContainerSummary } from '../../engine/port/container-calls.ts';
import { helpedBy } from '../../engine/probe-helper.ts';
import { findContainer } from './find-container.ts';
import type { ContainerParts } from './parts.ts';
import { viewOfRow, viewOfSummary } from './view.ts';

const DEFAULT_LIMIT = 100;

/** Rows newest first, page by page; then, with `all`, those of others, newest first and page by page, too. */
export function list(parts: ContainerParts): Handlers<typeof containers>['list'] {
  const { store, engine, engineAnswers } = parts;
  return async (input, { signal }) => {
    const { status, labels, all = false, size = false, limit = DEFAULT_LIMIT } = input;
    const engine_state = input.engine_state === undefined ? undefined : [input.engine_state].flat();
    const exit_code = input.exit_code === undefined ? undefined : [input.exit_code].flat();
    const cursor = input.cursor === undefined ? undefined : readCursor(input.cursor);
    const after = input.since === undefined ? undefined : await placeOf(input.since, parts, signal);
    const bound = input.before === undefined ? undefined : await placeOf(input.before, parts, signal);
    const before = older(cursor, bound);
    const wanted = status === undefined ? undefined : [status].flat();
    const rows = cursor?.of_others
      ? []
      : store.containers.list({
          limit: limit + 1,
          ...(wanted && { status: wanted }),
          ...(labels && { labels }),
          ...(before && { before }),
          ...(after && { after }),
          ...(exit_code && { exit_code }),
          ...(engine_state && { engine_state }),
        });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const more = rows.length > limit && last !== undefined;
    const stale = !(await engineAnswers());
    const with_others = !more && all;
    const asked = { ...(labels && { labels }), size };
    // The engine does not tell with which code each ended, but does list those that ended with one.
    const lists = (with_others || size ? (exit_code ?? [undefined]) : []).map((code) =>
      engine.containers.list({ ...asked, ...(code !== undefined && { exit_code: code }) }, signal),
    );
    const seen = (await Promise.all(lists)).flat();
    const sizes = new Map(seen.map((one) => [one.id, one]));
    const ours = page.map((row) => ({
      ...viewOfRow(row, stale),
      ...sizesOf(sizes.get(row.engine_id ?? '')),
    }));
    if (!with_others) return { containers: ours, ...(more && { next_cursor: writeCursor(last) }) };
    const others = (await foreign(seen, parts, signal))
      .map((one) => ({ ...viewOfSummary(one), ...sizesOf(one) }))
      .filter(
        (view) =>
          (wanted === undefined || wanted.includes(view.status)) &&
          (engine_state === undefined || engine_state.some((word) => word === view.engine_state)) &&
          (!cursor?.of_others || isOlder(placeOfView(view), cursor)) &&
          (bound === undefined || Date.parse(view.created_at) < bound.created_at) &&
          (after === undefined || Date.parse(view.created_at) > after.created_at),
      )
      .sort((a, b) => (isOlder(placeOfView(a), placeOfView(b)) ? 1 : -1));
    const shown = others.slice(0, limit - ours.length);
    const end = shown.at(-1);
    return {
      containers: [...ours, ...shown],
      ...(others.length > shown.length && {
        next_cursor: writeCursor({ ...(end === undefined ? NEWEST : placeOfView(end)), of_others: true }),
      }),
    };
  };
}

function sizesOf({
  size_written,
  size_total,
}: Partial<ContainerSummary> = {}): Pick<ContainerView, 'size_written' | 'size_total'> {
  return {
    ...(size_written !== undefined && { size_written }),
    ...(size_total !== undefined && { size_total }),
  };
}

/** Those of others. One of ours whose row does not name it yet, or not any more, is none of them. */
async function foreign(
  seen: readonly ContainerSummary[],
  { store, engine, identity }: ContainerParts,
  signal: AbortSignal,
): Promise<readonly ContainerSummary[]> {
  const others: ContainerSummary[] = [];
  for (const one of seen) {
    if (store.containers.byEngineId(one.id) !== undefined) continue;
    if (helpedBy(identity, one.labels) !== undefined) continue;
    const { [LABEL.instance]: instance, [LABEL.id]: id = '' } = one.labels;
    if (instance === identity.instance && store.containers.get(id) !== undefined) {
      const image = await engine.images.inspect(one.image_id, signal);
      if (ownership(identity, 'container', id, one.labels, image?.labels) === 'ours') continue;
    }
    others.push(one);
  }
  return others;
}

interface Place {
  readonly created_at: number;
  readonly id: string;
}

/** Where a page ended: among the rows, or among those of others, which come after them. */
interface Cursor extends Place {
  readonly of_others?: boolean;
}

/** Every container is older than it. */
const NEWEST: Place = { created_at: Number.MAX_SAFE_INTEGER, id: '' };

/** Where a container stands in the list. */
async function placeOf(ref: string, parts: ContainerParts, signal: AbortSignal): Promise<Place> {
  const found = await findContainer(ref, parts, signal);
  return found.kind === 'ours'
    ? found.row
    : { created_at: Date.parse(found.seen.created_at), id: found.seen.id };
}

function placeOfView({ created_at, id }: ContainerView): Place {
  return { created_at: Date.parse(created_at), id };
}

function isOlder(a: Place, b: Place): boolean {
  return a.created_at < b.created_at || (a.created_at === b.created_at && a.id < b.id);
}

function older(a: Place | undefined, b: Place | undefined): Place | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return isOlder(a, b) ? a : b;
}

function writeCursor({ created_at, id, of_others = false }: Cursor): string {
  const place = of_others ? [created_at, id, OTHERS] : [created_at, id];
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

const OTHERS = 'others';

function readCursor(text: string): Cursor {
  try {
    const [created_at, id, of]: readonly unknown[] = JSON.parse(
      Buffer.from(text, 'base64url').toString(),
    ) as unknown[];
    if (typeof created_at === 'number' && typeof id === 'string')
      return { created_at, id, of_others: of === OTHERS };
  } catch (error) {
    throw badCursor(error);
  }
  throw badCursor();
}

function badCursor(cause?: unknown): ContractError {
  return new ContractError('invalid_input', 'the cursor is none of ours', {
    cause,
    problems: [{ path: 'cursor', message: 'not a `next_cursor` of an earlier page' }],
  });
}
