import { StringDecoder } from 'node:string_decoder';
import { ContractError } from '../../../contracts/contract-error.ts';

const LONGEST = 1024 * 1024;

/** JSON values, one a line; the last line needs no newline. Lines that are no JSON are passed over. Throws engine_failed on a line over `longest` characters (1 Mi). */
export async function* jsonLines(
  bytes: AsyncIterable<Buffer>,
  longest: number = LONGEST,
): AsyncGenerator<unknown> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of bytes) {
    const [first = '', ...lines] = decoder.write(chunk).split('\n');
    rest += first;
    if (rest.length > longest)
      throw new ContractError('engine_failed', 'the engine sent a line without an end');
    for (const line of lines) {
      yield* parsed(rest);
      rest = line;
    }
  }
  yield* parsed(rest + decoder.end());
}

function* parsed(line: string): Generator<unknown> {
  if (line.trim() === '') return;
  try {
    yield JSON.parse(line);
  } catch {
    // Not every proxy keeps to JSON; what cannot be read tells nothing.
  }
}
