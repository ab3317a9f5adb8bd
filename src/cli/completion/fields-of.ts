import { z } from 'zod';
import type { Method } from '../../../contracts/contract.ts';

/** A method’s fields as flags, with what they mean. */
export function fieldsOf(
  method: Method | undefined,
): readonly { readonly word: string; readonly meaning: string }[] {
  if (method === undefined) return [];
  const { properties = {} } = z.toJSONSchema(method.input, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, field]) => ({
    word: `--${name}`,
    meaning: typeof field === 'object' ? (field.description ?? '') : '',
  }));
}
