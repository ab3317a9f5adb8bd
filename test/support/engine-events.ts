import type { RawEngine } from './raw-engine.ts';

export interface RawEvent {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly timeNano: number;
}

/** What the engine told of itself since then, of things that are called so; in its order. Looking into a container is not told. */
export async function engineEvents(
  engine: RawEngine,
  since: number,
  called: RegExp,
): Promise<readonly RawEvent[]> {
  const until = Date.now() / 1000;
  const { body } = await engine.ask(
    'GET',
    `/events?since=${(since / 1000).toFixed(3)}&until=${until.toFixed(3)}`,
  );
  // One line alone was read as JSON already.
  const lines =
    typeof body === 'string'
      ? body.split('\n').filter(Boolean).map(parsed)
      : body === null
        ? []
        : [body as RawEvent];
  return lines.filter(
    ({ Action, Actor: { ID, Attributes } }) =>
      !/^(exec_|health_status)/.test(Action) &&
      [ID, ...['name', 'container', 'image'].map((key) => Attributes[key] ?? '')].some((one) =>
        called.test(one),
      ),
  );
}

function parsed(line: string): RawEvent {
  return JSON.parse(line) as RawEvent;
}
