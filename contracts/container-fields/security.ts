import { z } from 'zod';
import { containerPath, devicePath, line, options, token } from './texts.ts';

const capability = z
  .string()
  .regex(/^(ALL|(CAP_)?[A-Z][A-Z_]{1,30})$/, 'a capability like NET_ADMIN, or ALL');
const peer = 'container:[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}';

const device = z.union([
  z
    .string()
    .max(8192)
    .regex(
      /^\/[^\0:\r\n]*(:\/[^\0:\r\n]*)?(:[rwm]{1,3})?$/,
      'like /dev/fuse, /dev/a:/dev/b or /dev/a:/dev/b:rw',
    ),
  z.strictObject({
    host: devicePath.describe('Path on this machine.'),
    container: devicePath.describe('Path inside. Default: the same.').optional(),
    permissions: z
      .string()
      .regex(/^[rwm]{1,3}$/, 'some of r, w and m')
      .describe('Read, write, make nodes. Default: rwm.')
      .optional(),
  }),
]);

/** Graphics processors, or what else a device driver hands out. */
export const gpuRequest = z
  .strictObject({
    driver: token.describe('Default: whichever has the capabilities.').optional(),
    count: z
      .union([z.literal('all'), z.int().min(1).max(1024)])
      .describe('How many, or all.')
      .optional(),
    device_ids: z.array(line).min(1).max(256).describe('Which ones, instead of `count`.').optional(),
    capabilities: z
      .array(token)
      .min(1)
      .max(16)
      .describe('What they must be able to. Default: gpu.')
      .optional(),
    options: options.optional(),
  })
  .refine(({ count, device_ids }) => count === undefined || device_ids === undefined, {
    message: 'say either `count` or `device_ids`',
    path: ['device_ids'],
  });

/** What it may do, and what it shares with the machine. */
export const securityFields = {
  privileged: z
    .boolean()
    .describe('May do nearly everything that the machine may. Rarely what is wanted.')
    .optional(),
  cap_add: z.array(capability).max(64).describe('Capabilities beyond the usual ones.').optional(),
  cap_drop: z.array(capability).max(64).describe('Capabilities to take away; ALL for every one.').optional(),
  security_opt: z
    .array(
      z
        .string()
        .max(1_048_576)
        .regex(
          /^(no-new-privileges([=:](true|false))?|(label|apparmor|seccomp|systempaths)[=:][^\0\r\n]+)$/,
          'no-new-privileges, or label=…, apparmor=…, seccomp=… (`unconfined`, or the profile as JSON on one line)',
        ),
    )
    .max(32)
    .describe('Options like no-new-privileges, seccomp=unconfined, apparmor=PROFILE, label=type:TYPE.')
    .optional(),
  read_only: z.boolean().describe('Nothing can be written but what is mounted.').optional(),
  masked_paths: z
    .array(containerPath)
    .max(256)
    .describe('Paths that look empty inside, instead of the usual ones.')
    .optional(),
  readonly_paths: z
    .array(containerPath)
    .max(256)
    .describe('Paths that cannot be written inside, instead of the usual ones.')
    .optional(),
  sysctls: z
    .record(
      z
        .string()
        .max(256)
        .regex(/^[a-z][a-z0-9_]*([./][a-zA-Z0-9_-]+)+$/, 'a name like net.core.somaxconn'),
      z
        .union([z.string(), z.number()])
        .transform(String)
        .pipe(
          z
            .string()
            .max(1024)
            .regex(/^[^\0\r\n]*$/, 'one line of text'),
        ),
    )
    .describe('Settings of its own kernel namespaces.')
    .optional(),
  group_add: z
    .array(
      z
        .union([z.int().min(0), z.string()])
        .transform(String)
        .pipe(
          z
            .string()
            .max(256)
            .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?$/, 'the name or number of a group'),
        ),
    )
    .max(256)
    .describe('Further groups of its user.')
    .optional(),
  devices: z
    .array(device)
    .max(256)
    .describe('Devices of this machine: PATH, HOST:CONTAINER, HOST:CONTAINER:rwm.')
    .optional(),
  device_cgroup_rules: z
    .array(z.string().regex(/^[acb] (\d+|\*):(\d+|\*) [rwm]{1,3}$/, 'like c 1:3 mr'))
    .max(256)
    .describe('Kinds of devices that it may use.')
    .optional(),
  gpus: z
    .union([z.literal('all'), z.int().min(1).max(1024), z.array(gpuRequest).min(1).max(16)])
    .describe('Graphics processors: all, how many, or which.')
    .optional(),
  runtime: token.describe('Which of the engine’s runtimes runs it. Default: the engine’s.').optional(),
  ipc: z
    .string()
    .regex(
      new RegExp(`^(none|private|shareable|host|${peer})$`),
      'none, private, shareable, host or container:NAME',
    )
    .describe('Whose shared memory it sees.')
    .optional(),
  pid: z
    .string()
    .regex(new RegExp(`^(host|${peer})$`), 'host or container:NAME')
    .describe('Whose processes it sees: the machine’s, or those of another container of ours.')
    .optional(),
  uts: z.literal('host').describe('The machine’s own host name.').optional(),
  userns_mode: z
    .literal('host')
    .describe('The machine’s own users, where the engine would map them.')
    .optional(),
  cgroup: z.enum(['host', 'private']).describe('Whose control groups it sees.').optional(),
  cgroup_parent: z
    .string()
    .max(1024)
    .regex(/^\/?[A-Za-z0-9_.@:-]+(\/[A-Za-z0-9_.@:-]+)*$/, 'a path of control groups, without ..')
    .refine(
      (path) => !path.split('/').some((part) => part === '..' || part === '.'),
      'a path without . and ..',
    )
    .describe('The control group to put it below.')
    .optional(),
} as const;
