import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { isGone, messageOf } from './find-files.ts';
import { MAX_FILE_LENGTH } from './read-entries.ts';

export type FileText =
  | { readonly outcome: 'read'; readonly text: string; readonly hash: string; readonly stamp: string }
  /** The same as when it was read with that stamp. */
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'gone' }
  | { readonly outcome: 'unreadable'; readonly message: string };

/** A file as young as this may change again within one tick of the file system’s clock. */
const YOUNG = 2000;

/** The text of a registry file, at most 1 MiB of UTF-8; `stamp` is '' when it is too young to be told from its next version. */
export async function readText(path: string, knownStamp: string | undefined, now: number): Promise<FileText> {
  try {
    const { size, mtimeMs, ctimeMs, ino } = await stat(path);
    const stamp = now - Math.max(mtimeMs, ctimeMs) < YOUNG ? '' : `${ino}:${size}:${mtimeMs}:${ctimeMs}`;
    if (stamp !== '' && stamp === knownStamp) return { outcome: 'unchanged' };
    if (size > MAX_FILE_LENGTH) return { outcome: 'unreadable', message: 'is larger than 1 MiB; split it' };
    const bytes = await readFile(path);
    const hash = createHash('sha256').update(bytes).digest('hex');
    return { outcome: 'read', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), hash, stamp };
  } catch (error) {
    if (isGone(error)) return { outcome: 'gone' };
    const message = error instanceof TypeError ? 'is not UTF-8 text' : `cannot be read: ${messageOf(error)}`;
    return { outcome: 'unreadable', message };
  }
}
