import type { Command } from 'commander';
import { groups } from '../../../contracts/groups.ts';
import { asked } from '../asked.ts';
import type { Context } from '../context.ts';
import { groupTable, groupText } from '../groups/group-text.ts';
import { type PlaceOptions, wholeNumber, withJson, withPlace } from '../options.ts';
import { table } from '../table.ts';

/** `berth status | history`: work with and without a daemon. */
export function addGroups(program: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(program.command('status')))
    .description('How groups are: each of them, or the containers of one and where its ports are.')
    .argument('[group]')
    .addHelpText('after', '\nExamples:\n  berth status\n  berth status shop\n  berth status shop --json')
    .action(async (group: string | undefined, options: PlaceOptions) => {
      const text = await asked(deps, options, groups, async (client) => {
        if (group === undefined) {
          const { groups: all } = await client.list({}, { signal });
          return options.json ? all.map((one) => JSON.stringify(one)).join('\n') : groupTable(all);
        }
        const seen = await client.status({ group }, { signal });
        const { endpoints } = await client.endpoints({ group }, { signal });
        if (options.json) return JSON.stringify({ ...seen, endpoints });
        const rows = endpoints.map((one) => [one.service, one.url, one.public ? 'published' : 'inside']);
        const ports = rows.length === 0 ? '' : `\n\n${table(['SERVICE', 'URL', 'WHERE'], rows)}`;
        return `${groupText(seen)}${ports}`;
      });
      if (text !== '') io.out(`${text}\n`);
    });
  withJson(withPlace(program.command('history')))
    .description('The releases of a group, newest first, and what became of each deployment.')
    .argument('<group>')
    .option('-n, --last <n>', 'only the newest', wholeNumber(1))
    .addHelpText('after', '\nExamples:\n  berth history shop\n  berth history shop -n 5 --json')
    .action(async (group: string, { last, ...options }: PlaceOptions & { readonly last?: number }) => {
      const seen = await asked(deps, options, groups, (client) =>
        client.history({ group, ...(last !== undefined && { limit: last }) }, { signal }),
      );
      if (options.json) {
        io.out(`${JSON.stringify(seen)}\n`);
        return;
      }
      const releases = seen.releases.map(({ number, created_at, cause, services }) => [
        number === seen.release ? `${number} (now)` : String(number),
        created_at,
        cause,
        Object.entries(services)
          .map(
            ([service, { image, replicas }]) => `${service} ${image}${replicas === 1 ? '' : ` ×${replicas}`}`,
          )
          .join(', '),
      ]);
      const deployments = seen.deployments.map((one) => [
        one.started_at,
        one.kind,
        `${one.from_release} → ${one.to_release}`,
        one.state.replace('_', ' '),
        one.by,
        one.reason?.message ?? '',
      ]);
      io.out(`${table(['RELEASE', 'MADE', 'WHY', 'SERVICES'], releases)}\n`);
      if (seen.releases.some(({ cause }) => cause === 'adopted'))
        io.out('\nIt was adopted from its containers: what was before them is not known.\n');
      if (deployments.length > 0)
        io.out(`\n${table(['BEGUN', 'KIND', 'RELEASES', 'STATE', 'BY', 'REASON'], deployments)}\n`);
    });
}
