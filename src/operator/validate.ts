import { resolve } from 'node:path';
import type { ErrorCode } from '../../contracts/errors.ts';
import { formatProblem } from '../registry/format-problem.ts';
import { groupsOf } from '../registry/groups-of.ts';
import type { Environment } from '../registry/reading/interpolate.ts';
import { type Scan, scan } from '../registry/scan.ts';
import { type AskedProject, sourceOf } from './compose-source.ts';

export interface Finding {
  readonly level: 'error' | 'warning' | 'ignored';
  readonly code: ErrorCode;
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly entry?: string;
  readonly message: string;
  /** With the source line and a caret, for people. */
  readonly text: string;
}

/** Read what is declared as if for the first time; touches nothing. */
export async function readRegistry(
  { roots, compose }: { readonly roots: readonly string[]; readonly compose?: AskedProject },
  environment: Environment,
  now: number,
): Promise<Scan> {
  return scan({
    roots: roots.map((root) => resolve(root)),
    ...(compose && { compose: sourceOf(compose) }),
    kept: [],
    running: [],
    environment,
    now,
  });
}

/** What a scan found wrong, and what it left to others. */
export function findingsOf(seen: Scan, folder: string): readonly Finding[] {
  const { problems: misgrouped } = groupsOf(seen.entries, seen.groups);
  const wrong = [...seen.problems, ...misgrouped].map(
    ({ level, code, file, line, column, entry, message, ...rest }) => ({
      level,
      code,
      file,
      message,
      ...(line !== undefined && { line }),
      ...(column !== undefined && { column }),
      ...(entry !== undefined && { entry }),
      text: formatProblem(
        {
          level,
          code,
          file,
          message,
          ...rest,
          ...(line !== undefined && { line }),
          ...(column !== undefined && { column }),
          ...(entry !== undefined && { entry }),
        },
        folder,
      ),
    }),
  );
  const ignored = seen.ignored.map((one) => ignoredFinding(one));
  return [...wrong, ...ignored];
}

function ignoredFinding(one: Scan['ignored'][number]): Finding {
  const message = `${one.name} is left to others (kind ${one.kind}${one.meta_type === undefined ? '' : `, type ${one.meta_type}`})`;
  return {
    level: 'ignored',
    code: 'invalid_registry',
    file: one.file,
    line: one.line,
    message,
    text: `${one.file}:${one.line}: ${message}`,
  };
}

/** All that a scan wants, by kind and name on the engine. */
export function declaredIn({ entries, resources }: Scan): readonly {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly file: string;
}[] {
  return [
    ...entries.map(({ id, container_name, file }) => ({ id, type: 'container', name: container_name, file })),
    ...resources.map(({ id, resource, resource_name, file }) => ({
      ...{ id, type: resource, name: resource_name, file },
    })),
  ];
}
