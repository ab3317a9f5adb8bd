import { dotenv } from './dotenv.ts';
import type { Variables } from './interpolate.ts';
import type { ComposeProblem } from './problem.ts';
import type { ReadText } from './read-text.ts';

interface Dotenvs {
  readonly read: ReadText;
  readonly problems: ComposeProblem[];
  /** Whether the files must be there. */
  readonly must: boolean;
}

/** The environment, and below it what the files say: a later one wins. */
export async function withDotenv(
  files: readonly string[],
  variables: Variables,
  { read, problems, must }: Dotenvs,
): Promise<Variables> {
  let all: Variables = {};
  for (const file of files) {
    const text = await read(file);
    const say = (line: number, message: string): void => {
      problems.push({ level: 'error', part: '', key: '', message, place: { file, line, column: 1 } });
    };
    if (text === undefined) {
      if (must) say(1, 'there is no such file of variables');
      continue;
    }
    const made = dotenv(text, { ...all, ...variables });
    if (made.problem !== undefined) say(made.problem.line, made.problem.message);
    all = { ...all, ...made.variables };
  }
  const set = Object.entries(variables).filter(([, value]) => value !== undefined);
  return { ...all, ...Object.fromEntries(set) };
}
