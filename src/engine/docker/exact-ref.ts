const COULD_BEGIN_AN_ID = /^[0-9a-f]{1,63}$/;

/**
 * Whether the engine could take this name for the beginning of somebody else’s id: it does so whenever nothing has the name, so
 * that `db` or `cafe` may be a stranger’s container.
 */
export function isAmbiguous(ref: string): boolean {
  return COULD_BEGIN_AN_ID.test(ref);
}

/** Whether what the engine found is what was asked for: by name, by id, or by the twelve digits that people copy. */
export function isExactly(ref: string, found: { readonly id: string; readonly name: string }): boolean {
  return found.name === ref || found.id === ref || (ref.length >= 12 && found.id.startsWith(ref));
}
