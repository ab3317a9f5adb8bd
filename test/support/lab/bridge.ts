import { randomInt } from 'node:crypto';
import { runCommand } from '../../../src/private-engine/run-command.ts';

/** A bridge of an engine’s own, beside the `docker0` of another in the same network namespace. */
export interface Bridge {
  readonly name: string;
  /** For dockerd. With --bridge=none, or with address pools of its own, it would delete the `docker0` of the other. */
  readonly words: readonly string[];
  remove(): Promise<void>;
}

/** Make one with addresses that nothing else is likely to use. `busybox` is a static one: iproute2 may not be there. */
export async function makeBridge(busybox: string): Promise<Bridge> {
  const number = randomInt(256 * 64);
  const [high, low] = [64 + (number >> 8), number & 255];
  const name = `own${number}`;
  const ip = (...words: string[]): Promise<string> => runCommand(busybox, ['ip', ...words]);
  await ip('link', 'add', 'name', name, 'type', 'bridge');
  await ip('address', 'add', `10.${high}.${low}.1/24`, 'dev', name);
  await ip('link', 'set', name, 'up');
  return {
    name,
    words: [`--bridge=${name}`],
    remove: async () => void (await ip('link', 'delete', name)),
  };
}
