import { writeFile } from 'node:fs/promises';
import { registrySchema } from './registry-schema.ts';

/** The text of `registry/berth.schema.json`. */
export function schemaText(): string {
  return `${JSON.stringify(registrySchema(), null, 2)}\n`;
}

if (import.meta.main)
  await writeFile(new URL('../../registry/berth.schema.json', import.meta.url), schemaText());
