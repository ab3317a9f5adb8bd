import type { convergenceFields } from '../../../contracts/container-fields/convergence.ts';
import { type LinesOf, ours } from './fragment.ts';

/** How it goes together with others: nothing that the engine would know. */
export const CONVERGENCE_LINES: LinesOf<typeof convergenceFields> = {
  depends_on: ours,
  role: ours,
  probes: ours,
  on_unhealthy: ours,
};
