import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { system } from '../../../contracts/system.ts';
import type { EngineVersion } from '../../../contracts/system-info.ts';
import type { Engine } from '../../engine/engine.ts';
import { capabilitiesOf, isCapability, lackingCapabilities } from '../../plan/capabilities/capabilities.ts';
import type { Clock } from '../../runtime/clock.ts';

type Methods = Handlers<typeof system>;

/** An engine that took longer is as good as away to whoever asks how it is. */
const PING_MS = 3000;

/** What can be asked of an engine with nothing of ours around it. */
export function engineHandlers({
  engine,
  clock,
}: {
  readonly engine: Engine;
  readonly clock: Clock;
}): Pick<Methods, 'ping' | 'version' | 'info' | 'capabilities'> {
  return {
    ping: async (_, { signal }) => {
      const began = performance.now();
      const answer = (healthy: boolean, message: string) => ({
        healthy,
        message,
        latency_ms: performance.now() - began,
        checked_at: new Date(clock.now()).toISOString(),
      });
      try {
        await within(PING_MS, signal, (all) => engine.system.ping(all));
        return answer(true, 'OK');
      } catch (error) {
        return answer(false, error instanceof Error ? error.message : String(error));
      }
    },
    version: (_, { signal }) => engine.system.ping(signal),
    info: (_, { signal }) => engine.system.info(signal),
    capabilities: async ({ require = [] }, { signal }) => {
      const known = require.filter(isCapability);
      if (known.length < require.length) throw unknown(require.filter((name) => !isCapability(name)));
      const [version, info] = await Promise.all([engine.system.ping(signal), engine.system.info(signal)]);
      const facts = { version, info };
      const lacking = lackingCapabilities(facts, known);
      if (lacking.length > 0)
        throw new ContractError(
          'unsupported',
          `the engine ${called(version)} has no ${lacking.map(({ name }) => name).join(', ')}`,
          { problems: lacking.map(({ name, why = '' }) => ({ path: name, message: why })) },
        );
      return { engine: version.engine, api: version.api, capabilities: [...capabilitiesOf(facts)] };
    },
  };
}

function called({ engine, api }: EngineVersion): string {
  return `${engine} (API ${api})`;
}

function unknown(names: readonly string[]): ContractError {
  return new ContractError('invalid_input', `there is no capability ${names.join(', ')}`, {
    next: 'Leave out `require` to see all there are.',
    problems: names.map((name) => ({ path: 'require', message: `${name} is not known` })),
  });
}

async function within<T>(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new ContractError('engine_timeout', `the engine did not answer within ${ms / 1000} s`)),
    ms,
  );
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } finally {
    clearTimeout(timer);
  }
}
