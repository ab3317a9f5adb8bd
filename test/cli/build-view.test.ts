import { expect, test } from 'vitest';
import type { BerthEvent } from '../../contracts/berth-event.ts';
import { buildView } from '../../src/cli/build-view.ts';
import { anIo } from '../support/an-io.ts';

const header = { operation_id: 'build_1', seq: 1, attempt: 1, ts: '' };
const events: readonly BerthEvent[] = [
  { type: 'step', ...header, step: '1', name: 'FROM busybox', status: 'cached', duration_ms: 0 },
  { type: 'step', ...header, step: '2', name: 'RUN echo \u001b[2Jhi', status: 'started' },
  { type: 'log', ...header, stream: 'stdout', line: 'hi \u001b[31mred' },
  { type: 'step', ...header, step: '2', name: 'RUN echo \u001b[2Jhi', status: 'done', duration_ms: 1234 },
];

test('a terminal shows each step once, with its time, and no control characters of others', () => {
  const io = anIo({ terminal: true });
  const view = buildView(io, () => 1000);
  for (const event of events) view.hear(event);
  view.end(true);
  const { out, err } = io.written;
  expect(out).toContain('= FROM busybox');
  expect(out).toMatch(/✓ RUN echo .*hi +1\.2s/);
  expect(out).not.toContain('\u001b[2Jhi');
  expect(err).toContain('| hi ');
  expect(err).not.toContain('\u001b[31m');
});

test('elsewhere they are plain lines', () => {
  const io = anIo();
  const view = buildView(io, () => 1000);
  for (const event of events) view.hear(event);
  view.end(false);
  expect(io.written.out.split('\n').slice(0, 1)).toEqual(['cached FROM busybox 0.0s']);
  expect(io.written.out).toContain('| hi ');
  expect(io.written.out).not.toContain('\u001b');
});
