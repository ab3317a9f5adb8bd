import type { Journal } from '../../store/journal.ts';

/** Events that are looked through at once. */
const PAGE = 1000;

/** The last lines that an operation told, oldest first. */
export async function lastLines(
  operation_id: string,
  tail: number,
  journal: Pick<Journal, 'read' | 'state'>,
): Promise<string[]> {
  const { next_seq, first_seq } = await journal.state(operation_id);
  let lines: string[] = [];
  for (let before = next_seq; before > first_seq && lines.length < tail; ) {
    const from = Math.max(first_seq, before - PAGE);
    const earlier: string[] = [];
    for (let at = from; at < before; ) {
      const events = await journal.read(operation_id, at, before - at);
      const last = events.at(-1);
      if (last === undefined) break;
      earlier.push(...events.flatMap((event) => (event.type === 'log' ? [event.line] : [])));
      at = last.seq + 1;
    }
    lines = [...earlier, ...lines];
    before = from;
  }
  return tail === 0 ? [] : lines.slice(-tail);
}
