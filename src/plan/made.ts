/** Ids of containers that a call made; declared ones have their entry’s id, `namespace:name`. */
export const MADE_PREFIX = 'ctr';

/** Whether a row was made by a call. */
export function isMade(id: string): boolean {
  return id.startsWith(`${MADE_PREFIX}_`);
}
