import type { Kysely } from 'kysely';
import * as containers from './0001_containers.ts';
import * as operations from './0002_operations.ts';
import * as builds from './0003_builds.ts';
import * as resources from './0004_resources.ts';
import * as inputs from './0005_input_operations.ts';
import * as begun from './0006_begun.ts';
import * as groups from './0007_groups.ts';
import * as connections from './0008_connections.ts';
import * as keepVolumes from './0009_keep_volumes.ts';
import * as replacement from './0010_replacement.ts';
import * as probes from './0011_probes.ts';
import * as members from './0012_group_members.ts';
import * as dependencies from './0013_dependencies.ts';
import * as drift from './0014_drift.ts';
import * as leaving from './0015_leaving_volumes.ts';
import * as chunks from './logs/0001_chunks.ts';

export interface Migration {
  readonly name: string;
  up(db: Kysely<unknown>): Promise<void>;
  down(db: Kysely<unknown>): Promise<void>;
}

/** `berth.db`, oldest first. A released one is never edited. */
export const STORE_MIGRATIONS: readonly Migration[] = [
  { name: '0001_containers', ...containers },
  { name: '0002_operations', ...operations },
  { name: '0003_builds', ...builds },
  { name: '0004_resources', ...resources },
  { name: '0005_input_operations', ...inputs },
  { name: '0006_begun', ...begun },
  { name: '0007_groups', ...groups },
  { name: '0008_connections', ...connections },
  { name: '0009_keep_volumes', ...keepVolumes },
  { name: '0010_replacement', ...replacement },
  { name: '0011_probes', ...probes },
  { name: '0012_group_members', ...members },
  { name: '0013_dependencies', ...dependencies },
  { name: '0014_drift', ...drift },
  { name: '0015_leaving_volumes', ...leaving },
];

/** `logs.db`, oldest first. */
export const JOURNAL_MIGRATIONS: readonly Migration[] = [{ name: '0001_chunks', ...chunks }];
