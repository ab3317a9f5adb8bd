/** One code of the error table. */
export interface ErrorRow {
  readonly status: number;
  readonly exit: number;
  readonly retryable: boolean;
  readonly meaning: string;
  readonly next: string;
}
