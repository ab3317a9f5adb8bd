import { z } from 'zod';
import { checkFieldsTogether } from './container-fields/checks.ts';
import { convergenceFields } from './container-fields/convergence.ts';
import { envFile, handlingFields } from './container-fields/handling.ts';
import { volumeOwner, volumePermissions } from './container-fields/maps.ts';
import { networkingFields } from './container-fields/network.ts';
import { resourceFields } from './container-fields/resources.ts';
import { securityFields } from './container-fields/security.ts';
import { storageFields } from './container-fields/storage.ts';
import { containerPath, engineName, envName, envValue, networkName, word } from './container-fields/texts.ts';
import { streamTarget } from './events.ts';
import { byteSize, duration } from './units.ts';

const port = z.int().min(1).max(65_535);

export const portMapping = z.strictObject({
  host: port
    .describe('Port on this machine. Left out: the engine picks one, and the answer shows which.')
    .optional(),
  container: port.describe('Port inside the container.'),
  protocol: z.enum(['tcp', 'udp', 'sctp']).describe('Default: tcp.').optional(),
  host_ip: z
    .union([z.ipv4(), z.ipv6()])
    .describe('Address of this machine to listen on. Default: all.')
    .optional(),
});
export type PortMapping = z.infer<typeof portMapping>;

export const volumeMount = z
  .strictObject({
    host: z.string().describe('A path of this machine: absolute, or beginning with ./ ../ or ~/.').optional(),
    name: engineName.describe('A named volume, made if missing and kept when the container goes.').optional(),
    container: containerPath.describe('Where it appears inside the container.'),
    mode: z.enum(['rw', 'ro']).describe('Default: rw.').optional(),
    selinux: z
      .enum(['shared', 'private'])
      .describe(
        'Label a path for this container alone, or for others too, on a machine with SELinux (`Z`, `z`).',
      )
      .optional(),
    external: z
      .boolean()
      .describe('True: a named volume of somebody else, which must be there. Default: ours, made if missing.')
      .optional(),
    owner: volumeOwner
      .describe(
        'Whom it belongs to from before the start on: user, uid, user:group or uid:gid; names are those of the image. Without a group: the user’s own, else the one with the same number.',
      )
      .optional(),
    permissions: volumePermissions
      .describe('What may be done with it from before the start on: "0750", or u=rwX,g=rX,o=.')
      .optional(),
  })
  .superRefine((mount, context) => {
    if ((mount.host === undefined) === (mount.name === undefined)) {
      context.addIssue({ code: 'custom', message: 'say either `host` (a path) or `name` (a named volume)' });
    } else if (mount.host !== undefined && !/^(\/|\.\.?(\/|$)|~(\/|$))/.test(mount.host)) {
      context.addIssue({
        code: 'custom',
        path: ['host'],
        message: `\`${mount.host}\` is no path; for a named volume write \`name: ${mount.host}\`, for a path \`host: ./${mount.host}\``,
      });
    } else if (mount.host !== undefined && /[\0:]/.test(mount.host)) {
      context.addIssue({ code: 'custom', path: ['host'], message: 'a path without a colon' });
    } else if (mount.host === undefined && mount.selinux !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['selinux'],
        message: 'only a path of this machine is labelled',
      });
    } else if (mount.host !== undefined && mount.external !== undefined) {
      context.addIssue({ code: 'custom', path: ['external'], message: 'only a named volume is of somebody' });
    } else {
      const field = mount.owner !== undefined ? 'owner' : 'permissions';
      const why =
        mount.host !== undefined
          ? 'only of a named volume; a path of this machine is its owner’s to change'
          : mount.mode === 'ro' || mount.external
            ? 'only of a volume of ours that it may write'
            : undefined;
      if (mount[field] !== undefined && why !== undefined)
        context.addIssue({ code: 'custom', path: [field], message: why });
    }
  });
export type VolumeMount = z.infer<typeof volumeMount>;

export const healthCheck = z.strictObject({
  test: z
    .union([word.min(1), z.array(word).min(1)])
    .describe(
      'A shell command, or a list that begins with CMD, CMD-SHELL or NONE. Left out: the image’s own.',
    )
    .optional(),
  interval: duration.describe('Between two checks. Default: 30 s.').optional(),
  timeout: duration.describe('For one check. Default: 30 s.').optional(),
  retries: z.int().min(1).max(1000).describe('Failures in a row until unhealthy. Default: 3.').optional(),
  start_period: duration.describe('Failures in this time after the start do not count.').optional(),
  start_interval: duration.describe('Between two checks in that time. Needs API 1.44.').optional(),
});
export type HealthCheck = z.infer<typeof healthCheck>;

/** When the engine starts it again: `on-failure:5` is at most five times. */
export const restartPolicy = z
  .string()
  .regex(
    /^(no|always|unless-stopped|on-failure(:[1-9]\d{0,3})?)$/,
    'no, always, unless-stopped, on-failure or on-failure:N',
  );

/**
 * The fields of a container, as YAML and calls write them. A field added later is optional and has no default here;
 * what its absence means is said in `src/engine/to-docker.ts`, so that an upgrade recreates nothing.
 */
export const containerFields = {
  image: z
    .string()
    .min(1)
    .max(512)
    .regex(/^[^\s\0]+$/, 'an image reference without spaces')
    .describe('Image to run. Default: alpine:latest.')
    .optional(),
  command: z
    .union([word, z.array(word).min(1)])
    .describe(
      'What runs. A string is split into words as Compose does, and goes to `sh -c` only when it uses the shell’s own syntax; a list is exact. Left out: the image’s own command.',
    )
    .optional(),
  args: z
    .array(word)
    .min(1)
    .describe('The exact arguments to the image’s entrypoint. Not together with `command`.')
    .optional(),
  entrypoint: z
    .union([word, z.array(word)])
    .describe('Replaces the image’s entrypoint. An empty list: none.')
    .optional(),
  env: z.record(envName, envValue).describe('Environment variables.').optional(),
  ports: z.array(portMapping).max(1024).describe('Published ports.').optional(),
  network: z
    .union([z.enum(['bridge', 'host', 'none']), networkName])
    .describe('The network to join, made if missing.')
    .optional(),
  volumes: z.array(volumeMount).max(512).describe('Paths and named volumes to mount.').optional(),
  work_dir: containerPath.describe('The working directory.').optional(),
  interactive: z.boolean().describe('Keep stdin open, so that input can be sent.').optional(),
  tty: z
    .boolean()
    .describe('Give it a terminal: all output is stdout, and input is edited by lines. Default: false.')
    .optional(),
  stdin_once: z
    .boolean()
    .describe(
      'Its input ends when a sender ends it, and also when Berth, which holds it from the first input on, goes down. False: it stays open whatever happens. Default: true for one that is `interactive`, without `tty`, and never restarted.',
    )
    .optional(),
  labels: z
    .record(
      z
        .string()
        .min(1)
        .max(512)
        .regex(/^[^\0\r\n]+$/, 'one line of text'),
      envValue,
    )
    .describe('Labels on the container; `berth.` is reserved.')
    .optional(),
  restart_policy: restartPolicy
    .describe('Who starts it again. Default: on-failure when declared, no when made by a call.')
    .optional(),
  user: z
    .string()
    .min(1)
    .max(256)
    .regex(/^[^\s\0]+$/, 'user, uid, user:group or uid:gid')
    .describe('User to run as.')
    .optional(),
  hostname: z
    .string()
    .regex(/^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,61}[a-zA-Z0-9])?$/, 'a host name')
    .describe('Host name inside.')
    .optional(),
  health_check: healthCheck.describe('How to tell that it works.').optional(),
  memory_limit: byteSize.describe('Memory it may use: bytes, or like 512m.').optional(),
  cpu_limit: z.number().min(0.01).max(1024).describe('CPUs it may use, like 1.5.').optional(),
  init: z
    .boolean()
    .describe('Run a small init as process 1, so that signals and zombies are handled. Default: true.')
    .optional(),
  stop_signal: z
    .string()
    .regex(/^(SIG)?[A-Z0-9+-]{1,12}$|^\d{1,2}$/, 'a signal like SIGTERM')
    .describe('Signal that asks it to stop. Default: the image’s, else SIGTERM.')
    .optional(),
  stop_timeout: duration.describe('Time to stop before it is killed. Default: 10 s.').optional(),
  ...networkingFields,
  ...storageFields,
  ...resourceFields,
  ...securityFields,
  ...handlingFields,
  ...convergenceFields,
  env_file: envFile.optional(),
  stream: streamTarget.describe('Where its events go.').optional(),
} as const;

type Fields = z.infer<z.ZodObject<typeof containerFields>>;

/** What one field alone cannot tell. */
export function checkContainerFields(
  fields: Omit<Fields, 'stream' | 'env_file'>,
  context: z.RefinementCtx,
): void {
  checkFieldsTogether(fields, context);
  if (fields.command !== undefined && fields.args !== undefined) {
    context.addIssue({ code: 'custom', path: ['args'], message: 'say either `command` or `args`' });
  }
  for (const label of Object.keys(fields.labels ?? {})) {
    if (label.startsWith('berth.'))
      context.addIssue({
        code: 'custom',
        path: ['labels', label],
        message: 'labels that begin with `berth.` are reserved',
      });
  }
  if ((fields.network === 'host' || fields.network_mode === 'host') && (fields.ports?.length ?? 0) > 0) {
    context.addIssue({
      code: 'custom',
      path: ['ports'],
      message: 'ports are not published on the host’s own network; leave them out',
    });
  }
  const seen = new Set<string>();
  fields.ports?.forEach(({ host, protocol = 'tcp', host_ip = '' }, index) => {
    if (host === undefined) return;
    const key = `${host_ip}:${host}/${protocol}`;
    if (seen.has(key))
      context.addIssue({
        code: 'custom',
        path: ['ports', index, 'host'],
        message: `port ${host}/${protocol} is published twice`,
      });
    seen.add(key);
  });
}

/** What a container should be: what the row stores and the planner compares. `stream` is not part of it, and `env_file` is read into `env` before. */
export const containerSpec = z
  .strictObject(containerFields)
  .omit({ stream: true, env_file: true })
  .superRefine(checkContainerFields);
export type ContainerSpec = z.infer<typeof containerSpec>;
