import type { EngineEvent } from '../../engine/port/system-calls.ts';

/** An event in the words of the contract. */
export function shown({ type, action, id, name, attributes, ts }: EngineEvent): {
  readonly object: string;
  readonly action: string;
  readonly engine_id: string;
  readonly name?: string;
  readonly attributes: Record<string, string>;
  readonly ts: string;
} {
  return {
    ...{ object: type, action, engine_id: id },
    ...(name !== undefined && { name }),
    attributes: { ...attributes },
    ts: ts.replace(/(\.\d{3})Z$/, '$1000000Z'),
  };
}
