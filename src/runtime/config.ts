import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ContractError } from '../../contracts/contract-error.ts';
import { LOG_LEVELS } from './log.ts';

const path = z.string().min(1).optional();

const environment = z.object({
  BERTH_STATE: path,
  BERTH_LOG_LEVEL: z.enum(LOG_LEVELS).optional(),
  BERTH_WORKERS: z.coerce.number().int().min(1).max(64).optional(),
  BERTH_ENGINE_FOLDER: path,
  BERTH_PROBE_IMAGE: path,
  BERTH_STRICT_ERRORS: z
    .enum(['0', '1'])
    .transform((given) => given === '1')
    .optional(),
  BERTH_REGISTRY: z
    .string()
    .regex(
      /^[A-Za-z0-9.-]*[.:][A-Za-z0-9.:-]*(\/[a-z0-9._/-]*[a-z0-9])?$|^localhost(\/[a-z0-9._/-]*[a-z0-9])?$/,
      {
        error: 'a registry’s name, and a path where there is one: registry.example.com:5000/team',
      },
    )
    .optional(),
  BERTH_DEFAULT_TAG: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, { error: 'a tag, such as stable' })
    .optional(),
  DOCKER_HOST: path,
  DOCKER_AUTH_CONFIG: path,
  DOCKER_CONTEXT: path,
  DOCKER_CONFIG: path,
  DOCKER_CERT_PATH: path,
  // As docker’s own client takes it, whatever it says.
  DOCKER_TLS_VERIFY: z
    .string()
    .transform(() => true)
    .optional(),
  BERTH_TEST_KILL_AT: path,
  XDG_RUNTIME_DIR: path,
  XDG_DATA_HOME: path,
});

/** All that the environment says, read once. */
export interface Config {
  readonly state: string | undefined;
  readonly log_level: (typeof LOG_LEVELS)[number] | undefined;
  readonly workers: number | undefined;
  readonly home: string;
  readonly runtime_dir: string | undefined;
  /** For sockets whose own folder has too long a path. */
  readonly socket_dir: string;
  readonly data_dir: string | undefined;
  readonly engine_folder: string | undefined;
  /** What helpers for probes are made of; it has `sleep`, `sh`, `timeout`, `nc` and `dd`. Left out: busybox. */
  readonly probe_image?: string | undefined;
  /** For tests: an error that its method does not declare is a defect of Berth. */
  readonly strict_errors?: boolean | undefined;
  readonly docker_host: string | undefined;
  readonly docker_context: string | undefined;
  readonly docker_config: string | undefined;
  /** What images without a registry in their name are of, instead of Docker Hub: `registry.test:5000/team`. */
  readonly registry?: string | undefined;
  /** What images without a tag are of, instead of latest. */
  readonly default_tag?: string | undefined;
  /** The text of a `config.json` of Docker, with its secrets. */
  readonly docker_auth_config?: string | undefined;
  /** Tests of the daemon alone: the file that says where a process is killed. */
  readonly kill_at: string | undefined;
  readonly cert_path: string | undefined;
  readonly tls_verify: boolean | undefined;
  /** All of it, for `${VAR}` in registry files. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Read the environment. Throws invalid_config that names the variable. The only place that does. */
export function readConfig(variables: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => ({
      path: issue.path.map(String).join('.'),
      message: issue.message,
    }));
    throw new ContractError(
      'invalid_config',
      `the environment variable ${problems[0]?.path ?? ''} is wrong`,
      { problems },
    );
  }
  const { data } = parsed;
  return {
    state: data.BERTH_STATE,
    log_level: data.BERTH_LOG_LEVEL,
    workers: data.BERTH_WORKERS,
    home: homedir(),
    runtime_dir: data.XDG_RUNTIME_DIR,
    socket_dir: join(data.XDG_RUNTIME_DIR ?? tmpdir(), `berth-${userInfo().uid}`),
    data_dir: data.XDG_DATA_HOME,
    engine_folder: data.BERTH_ENGINE_FOLDER,
    probe_image: data.BERTH_PROBE_IMAGE,
    strict_errors: data.BERTH_STRICT_ERRORS,
    docker_host: data.DOCKER_HOST,
    docker_context: data.DOCKER_CONTEXT,
    docker_config: data.DOCKER_CONFIG,
    registry: data.BERTH_REGISTRY,
    default_tag: data.BERTH_DEFAULT_TAG,
    docker_auth_config: data.DOCKER_AUTH_CONFIG,
    kill_at: data.BERTH_TEST_KILL_AT,
    cert_path: data.DOCKER_CERT_PATH,
    tls_verify: data.DOCKER_TLS_VERIFY,
    variables: given,
  };
}
