/** What counts the starts of one row while it is worked on. */
export interface Attempts {
  count: number;
}
