import { writeFile } from 'node:fs/promises';
import { referenceText } from './reference.ts';

await writeFile(new URL('../../../contracts/README.md', import.meta.url), referenceText());
