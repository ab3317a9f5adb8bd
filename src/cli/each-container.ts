import type { Context } from './context.ts';
import { fail } from './fail.ts';
import type { PlaceOptions } from './options.ts';
import type { Session } from './session.ts';

/** Where the commands that go over several containers put the exit code of their first failure. */
export type Exit = (code: number) => void;

/**
 * Do something to each container, all at once, and say how each came out: its name, or the answer as JSON. One failure
 * stops none of the others.
 */
export async function eachContainer<T extends object>(
  names: readonly string[],
  options: PlaceOptions,
  { io, deps }: Context,
  exit: Exit,
  work: (session: Session, name: string) => Promise<T>,
  shown: (name: string, answer: T) => string = (name) => name,
): Promise<void> {
  const session = await deps.session(options);
  const codes = new Map<string, number>();
  try {
    await Promise.all(
      [...new Set(names)].map(async (name) => {
        try {
          const answer = await work(session, name);
          io.out(`${options.json ? JSON.stringify(answer) : shown(name, answer)}\n`);
        } catch (error) {
          codes.set(name, fail(error, io, options.json === true));
        }
      }),
    );
  } finally {
    await session.close();
  }
  const first = names.find((name) => codes.has(name));
  if (first !== undefined) exit(codes.get(first) ?? 1);
}
