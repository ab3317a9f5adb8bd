import { isUtf8 } from 'node:buffer';
import type { NewEvent } from '../../store/journal.ts';
import type { BuildLine } from './build-wanted.ts';

/** A line that the build of a container’s image wrote, as an event of that container. */
export function builtLine(
  { stream, data }: BuildLine,
  at: { readonly attempt: number; readonly ts: string },
): NewEvent {
  const bytes = isUtf8(data) ? {} : { bytes: data.toString('base64') };
  return { type: 'log', ...at, stream, line: data.toString('utf8'), ...bytes, source: 'build' };
}
