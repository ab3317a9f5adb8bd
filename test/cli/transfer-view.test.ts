import { expect, test } from 'vitest';
import { transferText, transferView } from '../../src/cli/transfer-view.ts';
import { anIo } from '../support/an-io.ts';

const event = (layer: string | undefined, phase: string, current: number, total: number, rate?: number) => ({
  type: 'progress' as const,
  ...{ operation_id: 'op_1', seq: 1, attempt: 1, ts: '', image: 'app:1', phase },
  ...{ current, total, ...(layer !== undefined && { layer }), ...(rate !== undefined && { rate }) },
});

test('a layer has a bar while bytes move, and all of them a total with its rate', () => {
  const layers = [
    event('aaaaaaaaaaaa', 'Pull complete', 10, 10),
    event('bbbbbbbbbbbb', 'Downloading', 512 * 1024, 1024 * 1024),
    event('cccccccccccc', 'Waiting', 0, 0),
    event('1', 'Pulling from app', 0, 0),
  ];
  expect(
    transferText(layers, event(undefined, 'x', 512 * 1024, 2 ** 20, 2048), { columns: 100, rows: 40 }),
  ).toBe(`\
aaaaaaaaaaaa  Pull complete
bbbbbbbbbbbb  Downloading        [============>           ] 512 KiB of 1.00 MiB
cccccccccccc  Waiting
1 of 3 layers  512 KiB of 1.00 MiB  2.00 KiB/s`);
  // Where there is no room, those that are under way are shown.
  expect(transferText(layers, undefined, { columns: 20, rows: 3 })).toBe('bbbbbbbbbbbb  Downl');
});

test('elsewhere a layer’s phase is told once, in plain text', () => {
  const io = anIo();
  const view = transferView(io, false);
  for (const one of [
    event('aaaaaaaaaaaa', 'Downloading', 1, 9),
    event('aaaaaaaaaaaa', 'Downloading', 5, 9),
    event(undefined, 'Downloading', 5, 9),
    event('aaaaaaaaaaaa', 'Pull complete', 9, 9),
  ])
    view.show(one);
  view.end();
  expect(io.written.out).toBe('aaaaaaaaaaaa: Downloading\naaaaaaaaaaaa: Pull complete\n');
});
