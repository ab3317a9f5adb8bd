import type { ContainerView } from '../../../contracts/container-view.ts';
import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import { LABEL, ownership } from '../../engine/labels.ts';
import type { ContainerSummary } from '../../engine/port/container-calls.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import { findContainer } from './find-container.ts';
import type { ContainerParts } from './parts.ts';
import { viewOfRow, viewOfSummary } from './view.ts';

const DEFAULT_LIMIT = 100;

/** Rows newest first, page by page; those of others after the last page when `all`. */
export function list(parts: ContainerParts): Handlers<typeof containers>['list'] {
  const { store, engine, engineAnswers } = parts;
  return async (input, { signal }) => {
    const { status, labels, all = false, size = false, limit = DEFAULT_LIMIT, cursor } = input;
    const exit_code = input.exit_code === undefined ? undefined : [input.exit_code].flat();
    const after = input.since === undefined ? undefined : await placeOf(input.since, parts, signal);
    const before = older(
      cursor === undefined ? undefined : readCursor(cursor),
      input.before === undefined ? undefined : await placeOf(input.before, parts, signal),
    );
    const wanted = status === undefined ? undefined : [status].flat();
    const rows = store.containers.list({
      limit: limit + 1,
      ...(wanted && { status: wanted }),
      ...(labels && { labels }),
      ...(before && { before }),
      ...(after && { after }),
      ...(exit_code && { exit_code }),
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const more = rows.length > limit && last !== undefined;
    const stale = !(await engineAnswers());
    const last_page = !more && all && exit_code === undefined;
    const seen =
      last_page || size ? await engine.containers.list({ ...(labels && { labels }), size }, signal) : [];
    const sizes = new Map(seen.map((one) => [one.id, one]));
    const ours = page.map((row) => ({
      ...viewOfRow(row, stale),
      ...sizesOf(sizes.get(row.engine_id ?? '')),
    }));
    if (!last_page) return { containers: ours, ...(more && { next_cursor: writeCursor(last) }) };
    const others = await foreign(seen, parts, signal);
    return {
      containers: [
        ...ours,
        ...others
          .map((one) => ({ ...viewOfSummary(one), ...sizesOf(one) }))
          .filter(
            (view) =>
              (wanted === undefined || wanted.includes(view.status)) &&
              (before === undefined || Date.parse(view.created_at) < before.created_at) &&
              (after === undefined || Date.parse(view.created_at) > after.created_at),
          ),
      ],
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

/** Where a container stands in the list. */
async function placeOf(ref: string, parts: ContainerParts, signal: AbortSignal): Promise<Place> {
  const found = await findContainer(ref, parts, signal);
  return found.kind === 'ours'
    ? found.row
    : { created_at: Date.parse(found.seen.created_at), id: found.seen.id };
}

function older(a: Place | undefined, b: Place | undefined): Place | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.created_at < b.created_at || (a.created_at === b.created_at && a.id < b.id) ? a : b;
}

function writeCursor({ created_at, id }: ContainerRow): string {
  return Buffer.from(JSON.stringify([created_at, id])).toString('base64url');
}

function readCursor(text: string): Place {
  try {
    const [created_at, id]: readonly unknown[] = JSON.parse(
      Buffer.from(text, 'base64url').toString(),
    ) as unknown[];
    if (typeof created_at === 'number' && typeof id === 'string') return { created_at, id };
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
