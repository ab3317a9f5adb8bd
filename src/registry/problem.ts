import type { ErrorCode } from '../../contracts/errors.ts';

/** One thing wrong in the registry, and where. Lines and columns count from 1; without them it concerns the file as a whole. */
export interface RegistryProblem {
  /** A warning changes nothing about what runs. */
  readonly level: 'error' | 'warning';
  readonly code: ErrorCode;
  /** Absolute path of the file or root. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** How many characters from `column` on are meant. */
  readonly length?: number;
  /** The entry’s id, as far as it can be told. */
  readonly entry?: string;
  /** One line, with its did-you-mean. */
  readonly message: string;
  /** The line of the file, without its newline. */
  readonly source?: string;
}
