import { isContractError } from '../../contracts/contract-error.ts';

type Methods = Readonly<Record<string, (...args: never[]) => unknown>>;

/** In a process made by `aChild`: answer the parent’s calls, until the parent is gone. */
export function serveParent(methods: Methods): void {
  process.on('message', async ({ id, method, args }: { id: number; method: string; args: never[] }) => {
    try {
      process.send?.({ id, value: await methods[method]?.(...args) });
    } catch (error) {
      const code = isContractError(error) ? error.code : undefined;
      process.send?.({
        id,
        error: { code, message: error instanceof Error ? error.message : String(error) },
      });
    }
  });
  process.on('disconnect', () => process.exit());
}

/** Tell the parent something it did not ask for. */
export function reportToParent(report: unknown): void {
  process.send?.({ report });
}
