import { type Command, InvalidArgumentError } from 'commander';
import { networks } from '../../../contracts/networks.ts';
import { asked } from '../asked.ts';
import { addInspect, addRemove } from '../by-name.ts';
import type { Context } from '../context.ts';
import type { Exit } from '../each-container.ts';
import { type PlaceOptions, withJson, withPlace } from '../options.ts';
import { collected, labelled } from '../pairs.ts';
import { printPruned } from '../print-pruned.ts';
import { table } from '../table.ts';

interface ListOptions extends PlaceOptions {
  readonly label?: Record<string, string>;
  readonly name?: string[];
  readonly driver?: string[];
  readonly type?: 'custom' | 'builtin';
  readonly dangling?: true;
  readonly mine?: true;
}

interface CreateOptions extends PlaceOptions {
  readonly driver?: string;
  readonly opt?: Record<string, string>;
  readonly label?: Record<string, string>;
  readonly subnet?: string[];
  readonly ipRange?: string[];
  readonly gateway?: string[];
  readonly ipamDriver?: string;
  readonly internal?: true;
  readonly attachable?: true;
  readonly ipv6?: true;
}

/** `berth network ls | create | inspect | rm | connect | disconnect | prune` */
export function addNetworks(program: Command, context: Context, exit: Exit): void {
  const group = program
    .command('network')
    .description('Make, join, show and remove networks.')
    .addHelpText('after', '\nExamples:\n  berth network ls\n  berth network create back --internal');
  addList(group, context);
  addCreate(group, context);
  addInspectAndRemove(group, context, exit);
  addJoining(group, context);
  addPrune(group, context, exit);
}

function addList(group: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(group.command('ls')))
    .description('List the networks of the engine, ours and others.')
    .option('--label <label>', 'only with that label: name, or name=value', labelled)
    .option('--name <part>', 'only with that in their name', collected)
    .option('--driver <driver>', 'only of that driver', collected)
    .option('--type <type>', 'custom or builtin', aType)
    .option('--dangling', 'only those that no running container is on')
    .option('--mine', 'only ours')
    .addHelpText(
      'after',
      '\nExamples:\n  berth network ls\n  berth network ls --mine --label tier=back --json',
    )
    .action(async ({ label, name, driver, type, dangling, mine, ...options }: ListOptions) => {
      const found = await asked(deps, options, networks, (client) =>
        client.list(
          {
            ...(label && { labels: label }),
            ...(name && { name }),
            ...(driver && { driver }),
            ...(type && { type }),
            ...(dangling && { dangling }),
            ...(mine && { managed: true }),
          },
          { signal },
        ),
      );
      if (options.json) {
        for (const view of found.networks) io.out(`${JSON.stringify(view)}\n`);
        return;
      }
      const rows = found.networks.map((one) => [
        one.id.slice(0, 12),
        one.name,
        one.driver,
        one.scope,
        one.ipam.config.map(({ subnet = '' }) => subnet).join(' '),
        one.managed ? 'yes' : '',
      ]);
      io.out(`${table(['ID', 'NAME', 'DRIVER', 'SCOPE', 'ADDRESSES', 'OURS'], rows)}\n`);
    });
}

function addCreate(group: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(group.command('create')))
    .description('Make a network. The same again is fine; another of that name is refused.')
    .argument('<name>')
    .option('-d, --driver <driver>', 'bridge (the default), macvlan, ipvlan, overlay, or a plugin')
    .option('-o, --opt <option>', 'name=value for the driver', labelled)
    .option('--label <label>', 'name=value', labelled)
    .option('--subnet <range>', 'like 10.7.0.0/16; again for a further one', collected)
    .option('--ip-range <range>', 'part of the subnet that containers get addresses from', collected)
    .option('--gateway <address>', 'of the subnet', collected)
    .option('--ipam-driver <driver>')
    .option('--internal', 'leads nowhere outside')
    .option('--attachable', 'of an overlay: single containers may join it')
    .option('--ipv6', 'addresses of IPv6, too')
    .addHelpText(
      'after',
      '\nExamples:\n  berth network create back --internal\n  berth network create lan --subnet 10.7.0.0/16 --gateway 10.7.0.1 --label tier=back',
    )
    .action(async (name: string, given: CreateOptions) => {
      const { driver, opt, label, internal, attachable, ipv6 } = given;
      const ipam = ipamOf(given);
      const made = await asked(deps, given, networks, (client) =>
        client.create(
          {
            name,
            ...(driver !== undefined && { driver }),
            ...(opt && { options: opt }),
            ...(label && { labels: label }),
            ...(ipam && { ipam }),
            ...(internal && { internal }),
            ...(attachable && { attachable }),
            ...(ipv6 && { ipv6 }),
          },
          { signal },
        ),
      );
      io.out(`${given.json ? JSON.stringify(made) : made.id}\n`);
    });
}

/** The n-th range, gateway and part belong to the n-th subnet, as with docker. */
function ipamOf({ subnet = [], ipRange = [], gateway = [], ipamDriver }: CreateOptions): object | undefined {
  const config = Array.from({ length: Math.max(subnet.length, ipRange.length, gateway.length) }, (_, at) => ({
    ...(subnet[at] !== undefined && { subnet: subnet[at] }),
    ...(ipRange[at] !== undefined && { ip_range: ipRange[at] }),
    ...(gateway[at] !== undefined && { gateway: gateway[at] }),
  }));
  if (config.length === 0 && ipamDriver === undefined) return undefined;
  return { ...(ipamDriver !== undefined && { driver: ipamDriver }), ...(config.length > 0 && { config }) };
}

function addInspectAndRemove(group: Command, context: Context, exit: Exit): void {
  const { signal } = context;
  const kind = { kind: 'network', names: 'names or ids' };
  const by = { context, exit };
  addInspect(
    group,
    {
      ...kind,
      description: 'Print all about networks as JSON, and who is on them.',
      example: 'berth network inspect back',
    },
    (session, network) => session.open(networks).inspect({ network }, { signal }),
    by,
  );
  addRemove(
    group,
    { ...kind, description: 'Remove networks of ours.', example: 'berth network rm back' },
    (session, network) => session.open(networks).remove({ network }, { signal }),
    by,
  );
}

interface JoinOptions extends PlaceOptions {
  readonly alias?: string[];
  readonly ip?: string;
  readonly ip6?: string;
  readonly external?: true;
}

function addJoining(group: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(group.command('connect')))
    .description('Have a container of ours join a network.')
    .argument('<network>', 'name or id')
    .argument('<container>', 'name or id')
    .option('--alias <name>', 'a further name of it there', collected)
    .option('--ip <address>', 'IPv4')
    .option('--ip6 <address>', 'IPv6')
    .option('--external', 'a network of somebody else, too')
    .addHelpText('after', '\nExamples:\n  berth network connect back cache --alias redis --ip 10.7.0.9')
    .action(async (network: string, container: string, given: JoinOptions) => {
      const { alias, ip, ip6, external, ...options } = given;
      const answer = await asked(deps, options, networks, (client) =>
        client.connect(
          {
            network,
            container,
            ...(alias && { aliases: alias }),
            ...(ip !== undefined && { ipv4_address: ip }),
            ...(ip6 !== undefined && { ipv6_address: ip6 }),
            ...(external && { external }),
          },
          { signal },
        ),
      );
      io.out(`${options.json ? JSON.stringify(answer) : answer.network}\n`);
    });
  withJson(withPlace(group.command('disconnect')))
    .description('Have a container of ours leave a network.')
    .argument('<network>', 'name or id')
    .argument('<container>', 'name or id')
    .addHelpText('after', '\nExamples:\n  berth network disconnect back cache')
    .action(async (network: string, container: string, options: PlaceOptions) => {
      const answer = await asked(deps, options, networks, (client) =>
        client.disconnect({ network, container }, { signal }),
      );
      io.out(`${options.json ? JSON.stringify(answer) : answer.network}\n`);
    });
}

interface PruneOptions extends PlaceOptions {
  readonly label?: Record<string, string>;
  readonly dryRun?: true;
}

function addPrune(group: Command, { io, deps, signal }: Context, exit: Exit): void {
  withJson(withPlace(group.command('prune')))
    .description('Remove our networks that nothing uses.')
    .option('--label <label>', 'only with that label: name, or name=value', labelled)
    .option('--dry-run', 'only say what would go')
    .addHelpText(
      'after',
      '\nExamples:\n  berth network prune --dry-run\n  berth network prune --label tier=back',
    )
    .action(async ({ label, dryRun, ...options }: PruneOptions) => {
      const answer = await asked(deps, options, networks, (client) =>
        client.prune({ ...(label && { labels: label }), ...(dryRun && { dry_run: true }) }, { signal }),
      );
      printPruned(answer, options, io, exit);
    });
}

function aType(text: string): 'custom' | 'builtin' {
  if (text === 'custom' || text === 'builtin') return text;
  throw new InvalidArgumentError('One of custom, builtin is wanted.');
}
