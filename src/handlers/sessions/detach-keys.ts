const ESCAPE = 0x1f;
const DEFAULT = 'ctrl-p,ctrl-q';

export interface DetachKeys {
  /** What of the input goes on; `detached` once the whole sequence came. Keys that may begin it are held back until it is known. */
  sift(data: Buffer): { readonly data: Buffer; readonly detached: boolean };
}

/** Watch for a sequence like `ctrl-p,ctrl-q` in what is typed. An empty one never comes. */
export function detachKeys(text: string = DEFAULT): DetachKeys {
  const keys = text === '' ? [] : text.split(',').map(codeOf);
  let held = 0;
  return {
    sift: (data) => {
      if (keys.length === 0) return { data, detached: false };
      const passed: number[] = [];
      for (const byte of data) {
        while (held > 0 && byte !== keys[held]) {
          // What was held is no such sequence; but its end may be the beginning of one.
          const shorter = restart(keys, held);
          passed.push(...keys.slice(0, held - shorter));
          held = shorter;
        }
        if (byte !== keys[held]) passed.push(byte);
        else held += 1;
        if (held === keys.length) return { data: Buffer.from(passed), detached: true };
      }
      return { data: Buffer.from(passed), detached: false };
    },
  };
}

/** How many of the first `held` keys, at their end, are a beginning of the sequence again. */
function restart(keys: readonly number[], held: number): number {
  for (let length = held - 1; length > 0; length--)
    if (keys.slice(held - length, held).every((key, at) => key === keys[at])) return length;
  return 0;
}

function codeOf(key: string): number {
  return key.startsWith('ctrl-')
    ? key.slice('ctrl-'.length).toUpperCase().charCodeAt(0) & ESCAPE
    : key.charCodeAt(0);
}
