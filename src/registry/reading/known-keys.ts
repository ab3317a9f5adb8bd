import { z } from 'zod';
import { containerEntry } from '../../../contracts/registry-entry.ts';
import type { Path } from './to-value.ts';

type Schema = z.core.JSONSchema.BaseSchema;

const ENTRY: Schema = z.toJSONSchema(containerEntry, { io: 'input', unrepresentable: 'any' });

/** How other tools call our fields. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  environment: 'env',
  restart: 'restart_policy',
  working_dir: 'work_dir',
  workdir: 'work_dir',
  healthcheck: 'health_check',
  mem_limit: 'memory_limit',
  memory: 'memory_limit',
  cpus: 'cpu_limit',
  networks: 'network',
  network_mode: 'network',
  stop_grace_period: 'stop_timeout',
  stdin_open: 'interactive',
};

/** The keys that a container’s entry may have at a path. */
export function knownKeys(path: Path): readonly string[] {
  let schemas: readonly Schema[] = [ENTRY];
  for (const part of path) schemas = schemas.flatMap((schema) => inside(schema, part));
  return schemas.flatMap((schema) =>
    alternatives(schema).flatMap(({ properties = {} }) => Object.keys(properties)),
  );
}

/** Our word for another tool’s key of an entry. */
export function fromElsewhere(key: string): string | undefined {
  return Object.hasOwn(ELSEWHERE, key) ? ELSEWHERE[key] : undefined;
}

function inside(schema: Schema, part: string | number): readonly Schema[] {
  return alternatives(schema).flatMap(({ properties, items, additionalProperties }) => {
    const next =
      typeof part === 'number'
        ? items
        : properties && Object.hasOwn(properties, part)
          ? properties[part]
          : additionalProperties;
    return typeof next === 'object' && !Array.isArray(next) ? [next as Schema] : [];
  });
}

function alternatives(schema: Schema): readonly Schema[] {
  const { anyOf = [], oneOf = [], allOf = [] } = schema;
  return [schema, ...[...anyOf, ...oneOf, ...allOf].flatMap((one) => alternatives(one))];
}
