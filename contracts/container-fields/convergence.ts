import { z } from 'zod';
import { duration } from '../units.ts';
import { line, networkName, word } from './texts.ts';

export const CONDITIONS = ['started', 'healthy', 'completed'] as const;

/** What one container waits for of another. */
export const dependency = z.strictObject({
  condition: z
    .enum(CONDITIONS)
    .describe(
      '`started`: it runs (the default). `healthy`: it is ready, by its health check and its probes. `completed`: it has ended with exit code 0.',
    )
    .optional(),
  required: z
    .boolean()
    .describe(
      'False: it is waited for while it is on its way, and done without when it is not there or fails.',
    )
    .optional(),
  timeout: duration.describe('How long to wait. Default: as long as it takes.').optional(),
  restart: z.boolean().describe('True: restarted after the other was restarted or replaced.').optional(),
});
export type Dependency = z.infer<typeof dependency>;

/** An entry’s id, or a name: of a member of the same group first, else of an entry, a container or a group. */
export const dependencyName = z
  .string()
  .max(330)
  .regex(/^([a-zA-Z][a-zA-Z0-9_.-]*:)?[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, 'a name, or namespace:name');

/** By name. A list is short for each of them with `condition: started`. */
export const dependencies = z
  .union([z.array(dependencyName).max(200), z.record(dependencyName, dependency)])
  .transform(
    (given): Record<string, Dependency> =>
      Array.isArray(given) ? Object.fromEntries(given.map((name) => [name, {}])) : given,
  );

export const ROLES = ['init', 'main', 'sidecar', 'job'] as const;
export const role = z.enum(ROLES);
export type Role = z.infer<typeof role>;

const port = z.int().min(1).max(65_535);

/** One way of looking, and how often. */
export const probe = z
  .strictObject({
    http: z
      .strictObject({
        port: port.describe('Port inside the container.'),
        path: line.regex(/^\//, 'a path that begins with /').describe('Default: /').optional(),
        scheme: z.enum(['http', 'https']).describe('Default: http. A certificate is not checked.').optional(),
        headers: z.record(networkName, line).describe('Headers to send, such as Host.').optional(),
        status: z
          .union([z.int().min(100).max(599), z.array(z.int().min(100).max(599)).min(1)])
          .describe('Answers that are good. Default: 200 to 399.')
          .optional(),
      })
      .describe('It answers a GET.')
      .optional(),
    tcp: z
      .strictObject({ port: port.describe('Port inside the container.') })
      .describe('It takes a connection.')
      .optional(),
    exec: z
      .strictObject({ command: z.union([word, z.array(word).min(1)]) })
      .describe('A command in it ends with exit code 0. A list runs without a shell; killed at `timeout`.')
      .optional(),
    log: z
      .strictObject({
        pattern: line
          .max(512)
          .describe('A regular expression in RE2 syntax: no look-around, no back-references.'),
      })
      .describe('It has written a line since its start that matches.')
      .optional(),
    interval: duration.describe('Between two looks. Default: 5 s (startup: 1 s).').optional(),
    timeout: duration.describe('For one look. Default: 3 s.').optional(),
    delay: duration.describe('After the start, before the first look. Default: none.').optional(),
    failures: z
      .int()
      .min(1)
      .max(1000)
      .describe('In a row until it counts as failed. Default: 3 (startup: 60).')
      .optional(),
    successes: z.int().min(1).max(1000).describe('In a row until it counts as good. Default: 1.').optional(),
  })
  .superRefine(({ http, tcp, exec, log }, context) => {
    if ([http, tcp, exec, log].filter((way) => way !== undefined).length !== 1)
      context.addIssue({ code: 'custom', message: 'say one of `http`, `tcp`, `exec` and `log`' });
    if (log !== undefined && !isPattern(log.pattern))
      context.addIssue({
        code: 'custom',
        path: ['log', 'pattern'],
        message: 'no regular expression that is matched in linear time',
      });
  });
export type Probe = z.infer<typeof probe>;

/** What no engine matches in linear time: look-around and back-references. */
const BEYOND_LINEAR = /\(\?<?[=!]|\\[1-9]|\\k</;

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp && !BEYOND_LINEAR.test(text.replaceAll('\\\\', ''));
  } catch {
    return false;
  }
}

/** How it goes together with others, and what becomes of it when it is not well. Berth’s own: the engine hears nothing of them. */
export const convergenceFields = {
  depends_on: dependencies
    .describe('Containers that must be there first: names, or what is waited for by name.')
    .optional(),
  role: role
    .describe(
      '`init`: runs once, before the others of its group, and must end with 0. `job`: runs once. `sidecar`: beside the main ones. Default: main.',
    )
    .optional(),
  probes: z
    .strictObject({
      startup: probe.describe('Until it is good the others are not asked.').optional(),
      ready: probe.describe('Whether it can be used now.').optional(),
      live: probe.describe('Whether it works at all: see `on_unhealthy`.').optional(),
    })
    .describe('Looks at it that need nothing in its image.')
    .optional(),
  on_unhealthy: z
    .enum(['none', 'restart', 'stop', 'rollback'])
    .describe('What to do when its health check or its `live` probe has failed. Default: none.')
    .optional(),
} as const;

/** How a member that changes is replaced. */
export const updateConfig = z.strictObject({
  strategy: z
    .enum(['recreate', 'rolling'])
    .describe('`recreate`: all that change at once. `rolling`: some at a time. Default: rolling.')
    .optional(),
  order: z
    .enum(['stop_first', 'start_first'])
    .describe(
      '`start_first`: the new one is up and ready before the old one stops; not with fixed ports or addresses. On a network that Berth did not make, the old one keeps its alias until it stops. Default: stop_first.',
    )
    .optional(),
  parallelism: z.int().min(0).max(1000).describe('So many at a time; 0 is all. Default: 1.').optional(),
  delay: duration.describe('Between one batch and the next. Default: none.').optional(),
  monitor: duration
    .describe('How long a new one must have been ready until it counts as good. Default: 2 s.')
    .optional(),
  timeout: duration.describe('How long a new one may take to be ready. Default: 5 min.').optional(),
  drain: duration
    .describe(
      'With `start_first`: how long the old one still answers after its alias was taken away. Default: 5 s.',
    )
    .optional(),
  max_failure_ratio: z
    .number()
    .min(0)
    .max(1)
    .describe('More failed ones than this fail it all. Default: 0.')
    .optional(),
  failure_action: z
    .enum(['rollback', 'pause', 'continue'])
    .describe('What to do when it has failed. Default: rollback.')
    .optional(),
});
export type UpdateConfig = z.infer<typeof updateConfig>;

/** Fields of an entry, or of a member in `compose`, that are not of one container. */
export const membershipFields = {
  replicas: z
    .int()
    .min(0)
    .max(100)
    .describe('So many containers of it, NAME-1 to NAME-N. Default: one, called NAME.')
    .optional(),
  update_config: updateConfig.describe('How it is replaced when it changes.').optional(),
} as const;

/** Several containers cannot have one port of the machine, nor one address. */
export function checkReplicas(
  {
    replicas,
    update_config,
    ports = [],
    networks = {},
  }: {
    readonly replicas?: number | undefined;
    readonly update_config?: UpdateConfig | undefined;
    readonly ports?: readonly { readonly host?: number | undefined }[] | undefined;
    readonly networks?:
      | Readonly<
          Record<
            string,
            { readonly ipv4_address?: string | undefined; readonly ipv6_address?: string | undefined }
          >
        >
      | undefined;
  },
  context: z.RefinementCtx,
): void {
  const port = ports.find(({ host }) => host !== undefined)?.host;
  const isFixed = Object.values(networks).some((one) => one.ipv4_address ?? one.ipv6_address);
  if (port === undefined && !isFixed) return;
  const what = port === undefined ? 'an address of its own' : `the fixed port ${port} of this machine`;
  if ((replicas ?? 1) > 1)
    context.addIssue({
      code: 'custom',
      path: ['replicas'],
      message: `${what} can be had by one container only; leave it out, or the replicas`,
    });
  if (update_config?.order === 'start_first')
    context.addIssue({
      code: 'custom',
      path: ['update_config', 'order'],
      message: `with ${what} the new one cannot start before the old one stops; say stop_first`,
    });
}

/** What of a service can be said of several containers only together. */
export const replicable = z.custom<Parameters<typeof checkReplicas>[0]>().superRefine(checkReplicas);
