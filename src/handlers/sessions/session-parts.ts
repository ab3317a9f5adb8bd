import type { Engine } from '../../engine/engine.ts';
import { createInputs, type Inputs } from './inputs.ts';
import { createOffers, type Offers } from './offers.ts';
import { type UnderWay, underWay } from './under-way.ts';

/** What is open between Berth and processes in containers; it lives and ends with this process. */
export interface SessionParts {
  readonly inputs: Inputs;
  readonly offers: Offers;
  readonly underway: UnderWay;
  /** Names of input that is being written now. */
  readonly writing: Set<string>;
  /** Ends everything, what runs for somebody in its container too; to be called before the engine is closed. */
  close(): Promise<void>;
}

export function sessionParts(engine: Engine): SessionParts {
  const inputs = createInputs(engine);
  const offers = createOffers();
  const underway = underWay();
  return {
    inputs,
    offers,
    underway,
    writing: new Set(),
    close: async () => {
      offers.close();
      await underway.close();
      inputs.close();
    },
  };
}
