import type { handlingFields } from '../../../contracts/container-fields/handling.ts';
import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import { speaks } from '../../plan/speaks.ts';
import type { HostBody } from './create-body.ts';
import { host, type LinesOf, ours } from './fragment.ts';

/** Where it comes from, and how the engine keeps it. */
export const HANDLING_LINES: LinesOf<typeof handlingFields> = {
  // Said beside the body.
  platform: ours,
  build: ours,
  pull_policy: ours,
  logging: (value, _, api) => ({ host: { LogConfig: logging(value, api) } }),
  annotations: host((value) => ({ Annotations: value })),
  auto_remove: ours,
};

/** A reader that is more than one rotation behind loses lines without a word, so the files are large and few. */
const LARGE_AND_FEW = { 'max-size': '100m', 'max-file': '2' };
const BOUNDED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  local: { ...LARGE_AND_FEW, compress: 'false' },
  'json-file': LARGE_AND_FEW,
};

/**
 * Bounded, and exact where the engine can: json-file turns each byte that is no UTF-8 into a replacement, even the halves of a
 * character cut at 16 KiB; but the local driver of old engines (seen in 20.10) does not say where a long line ends.
 */
function logging(given: ContainerSpec['logging'] = {}, api: string): NonNullable<HostBody['LogConfig']> {
  const driver = given.driver ?? (speaks(api, '1.44') ? 'local' : 'json-file');
  return { Type: driver, Config: { ...BOUNDED[driver], ...given.options } };
}
