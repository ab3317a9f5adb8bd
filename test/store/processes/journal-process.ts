import { openJournal } from '../../../src/store/open-journal.ts';
import { aNewLine, timeOf } from '../../support/builders.ts';
import { reportToParent, serveParent } from '../../support/serve-parent.ts';

// A process on the same logs.db: node journal-process.ts PATH
const [, , path = ''] = process.argv;
const journal = await openJournal({ path });

serveParent({
  open: (id: string, token: number) => journal.open(id, token),
  /** As many batches, several at a time; the seqs they got. */
  append: async (id: string, token: number | null, batches: number, size: number) => {
    const all = await Promise.all(
      Array.from({ length: batches }, (_, batch) =>
        journal.append(
          id,
          token,
          Array.from({ length: size }, (__, index) => aNewLine(batch * size + index)),
        ),
      ),
    );
    return all.flatMap((events): (string | number)[] =>
      events === 'fenced' ? ['fenced'] : events.map(({ seq }) => seq),
    );
  },
  /** Batches one after the other, then all of it read page by page; how many lines came back. */
  appendAndCount: async (id: string, batches: number, size: number, width: number) => {
    for (let batch = 0; batch < batches; batch++) {
      const line = (index: number) => `${batch * size + index} `.padEnd(width, `${Math.sin(index)} `);
      await journal.append(
        id,
        null,
        Array.from({ length: size }, (_, index) => aNewLine(batch * size + index, { line: line(index) })),
      );
    }
    let count = 0;
    for (let after_seq = 0; ; ) {
      const page = await journal.lines(id, { after_seq, limit: 1000 });
      count += page.lines.length;
      after_seq = page.lines.at(-1)?.seq ?? after_seq;
      if (!page.has_more) return count;
    }
  },
  /** Numbered lines for ever, each batch with a cursor that counts them; reports what was acknowledged. */
  appendForever: async (id: string, token: number) => {
    const { cursor } = (await journal.open(id, token)) as { cursor: { stdout: { count: number } } | null };
    for (let count = cursor?.stdout.count ?? 0; ; ) {
      const size = 1 + ((count * 31) % 400);
      const batch = Array.from({ length: size }, (_, index) => aNewLine(count + index + 1));
      count += size;
      const at = { ts: timeOf(count), count, open: null };
      const stored = await journal.append(id, token, batch, {
        engine_id: 'e',
        stdout: at,
        stderr: null,
        run: null,
      });
      if (stored === 'fenced') return 'fenced';
      reportToParent(count);
    }
  },
});
