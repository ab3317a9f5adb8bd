import { createHash } from 'node:crypto';
import type { ComposeService } from '../model/service.ts';

/** The Compose whose labels these are. */
export const COMPOSE_VERSION = '2.26.1';
export const COMPOSE_PREFIX = 'com.docker.compose.';
/** The one label that differs between the replicas of a service. */
export const CONTAINER_NUMBER = 'com.docker.compose.container-number';

type Labels = Readonly<Record<string, string>>;

export interface ComposeProject {
  readonly project: string;
  readonly folder: string;
  readonly files: readonly string[];
  readonly env_files?: readonly string[];
}

/** What `docker compose ps`, `logs` and `ls` find a service’s first container by. */
export function serviceLabels(
  { project, folder, files, env_files = [] }: ComposeProject,
  name: string,
  service: ComposeService,
): Labels {
  const waits = Object.entries(service.depends_on ?? {}).map(
    ([other, { condition = 'service_started', restart = false }]) => `${other}:${condition}:${restart}`,
  );
  return {
    'com.docker.compose.project': project,
    'com.docker.compose.service': name,
    [CONTAINER_NUMBER]: '1',
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.version': COMPOSE_VERSION,
    'com.docker.compose.config-hash': configHash(service),
    'com.docker.compose.depends_on': waits.join(','),
    'com.docker.compose.project.working_dir': folder,
    'com.docker.compose.project.config_files': files.join(','),
    ...(env_files.length > 0 && { 'com.docker.compose.project.environment_file': env_files.join(',') }),
  };
}

/** What Compose finds a network or volume by. */
export function surroundingLabels(kind: 'network' | 'volume', project: string, key: string): Labels {
  return {
    'com.docker.compose.project': project,
    'com.docker.compose.version': COMPOSE_VERSION,
    [`com.docker.compose.${kind}`]: key,
  };
}

/** Another one when something about the service is another that needs another container. */
function configHash(service: ComposeService): string {
  const {
    build: _build,
    pull_policy: _pull,
    scale: _scale,
    depends_on: _depends,
    profiles: _profiles,
    deploy,
    ...rest
  } = service;
  const { replicas: _replicas, ...more } = deploy ?? {};
  return createHash('sha256')
    .update(JSON.stringify(sorted({ ...rest, deploy: more })))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, held]) => [key, sorted(held)]),
  );
}
