/** Why a row shows its former container running although a newer spec is wanted: its replacement failed. */
export const HELD_BACK = 'replacement_failed';
