const WHO = { u: 0o4700, g: 0o2070, o: 0o0007 } as const;
const RIGHTS = { r: 0o444, w: 0o222, x: 0o111, X: 0o111 } as const;

/**
 * Permissions of a folder after `text`: octal, or as chmod takes it (`u=rwX,g=rX,o=`), on top of what they are. `X` is `x`, since it is
 * a folder. What cannot be read of it changes nothing.
 */
export function permissionsOf(text: string, before: number): number {
  if (/^[0-7]{3,4}$/.test(text)) return Number.parseInt(text, 8);
  let mode = before;
  for (const clause of text.split(',')) {
    const [, who = '', changes = ''] = /^([ugoa]*)(.*)$/.exec(clause) ?? [];
    for (const [, sign, letters = ''] of changes.matchAll(/([+=-])([rwxXst]*)/g)) {
      const { bits, touched } = bitsOf(who, letters);
      if (sign === '+') mode |= bits;
      else if (sign === '-') mode &= ~bits;
      else mode = (mode & ~touched) | bits;
    }
  }
  return mode & 0o7777;
}

function bitsOf(who: string, letters: string): { readonly bits: number; readonly touched: number } {
  const all = who === '' || who.includes('a');
  const whose = (['u', 'g', 'o'] as const).filter((one) => all || who.includes(one));
  const mask = whose.reduce((sum, one) => sum | WHO[one], 0);
  const rights = (['r', 'w', 'x', 'X'] as const)
    .filter((one) => letters.includes(one))
    .reduce((sum, one) => sum | RIGHTS[one], 0);
  const set = letters.includes('s') ? mask & 0o6000 : 0;
  const sticky = letters.includes('t') ? 0o1000 : 0;
  return { bits: (rights & mask) | set | sticky, touched: mask | (all ? 0o1000 : 0) };
}
