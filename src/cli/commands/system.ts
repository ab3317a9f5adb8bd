import type { Command } from 'commander';
import { isContractError } from '../../../contracts/contract-error.ts';
import { ERRORS } from '../../../contracts/errors.ts';
import { system } from '../../../contracts/system.ts';
import { DISK_KINDS } from '../../../contracts/system-info.ts';
import { asked } from '../asked.ts';
import type { Context } from '../context.ts';
import type { Exit } from '../each-container.ts';
import { fields } from '../fields.ts';
import { formatBytes } from '../format-bytes.ts';
import { type PlaceOptions, withJson, withPlace } from '../options.ts';
import { collected } from '../pairs.ts';
import { table } from '../table.ts';
import { addEvents } from './system-events.ts';

/** `berth system info | version | ping | df | capabilities | events | health` */
export function addSystem(program: Command, context: Context, exit: Exit): void {
  const group = program
    .command('system')
    .description('Ask after the engine, and after Berth itself.')
    .addHelpText('after', '\nExamples:\n  berth system ping\n  berth system health');
  addPing(group, context, exit);
  addFacts(group, context);
  addDf(group, context);
  addCapabilities(group, context);
  addEvents(group, context);
  addHealth(group, context, exit);
}

function addPing(group: Command, { io, deps, signal }: Context, exit: Exit): void {
  withJson(withPlace(group.command('ping')))
    .description('Say whether the engine answers, and how soon. Needs no Berth.')
    .addHelpText(
      'after',
      '\nExamples:\n  berth system ping\n  berth system ping --engine tcp://10.0.0.7:2376',
    )
    .action(async (options: PlaceOptions) => {
      const answer = await pinged();
      const { healthy, message, latency_ms } = answer;
      io.out(
        `${options.json ? JSON.stringify(answer) : healthy ? `OK ${latency_ms.toFixed(1)} ms` : message}\n`,
      );
      if (!healthy) exit(ERRORS.engine_unreachable.exit);

      async function pinged() {
        try {
          return await asked({ session: deps.engineSession }, options, system, (client) =>
            client.ping({}, { signal }),
          );
        } catch (error) {
          // None that could be asked was found: that is an answer, too.
          if (!isContractError(error, 'engine_unreachable')) throw error;
          const checked_at = new Date(deps.now()).toISOString();
          return { healthy: false, message: error.message, latency_ms: 0, checked_at };
        }
      }
    });
}

function addFacts(group: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(group.command('version')))
    .description('Say which engine answers. Needs no Berth.')
    .addHelpText('after', '\nExamples:\n  berth system version --json')
    .action(async (options: PlaceOptions) => {
      const answer = await asked({ session: deps.engineSession }, options, system, (client) =>
        client.version({}, { signal }),
      );
      io.out(`${options.json ? JSON.stringify(answer) : fields(answer)}\n`);
    });
  withJson(withPlace(group.command('info')))
    .description('Say what the engine and its machine are like. Needs no Berth.')
    .addHelpText('after', '\nExamples:\n  berth system info\n  berth system info --json | jq .limits')
    .action(async (options: PlaceOptions) => {
      const answer = await asked({ session: deps.engineSession }, options, system, (client) =>
        client.info({}, { signal }),
      );
      const shown = { ...answer, memory: formatBytes(answer.memory) };
      io.out(`${options.json ? JSON.stringify(answer) : fields(shown)}\n`);
    });
}

const KINDS = { image: 'images', container: 'containers', volume: 'volumes', build_cache: 'build cache' };

function addDf(group: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(group.command('df')))
    .description('Say what takes how much of the engine’s disk.')
    .option('-v, --verbose', 'each thing, largest first')
    .addHelpText('after', '\nExamples:\n  berth system df\n  berth system df -v')
    .action(async ({ verbose, ...options }: PlaceOptions & { readonly verbose?: true }) => {
      const answer = await asked(deps, options, system, (client) =>
        client.df({ ...(verbose && { details: true }) }, { signal }),
      );
      if (options.json) {
        io.out(`${JSON.stringify(answer)}\n`);
        return;
      }
      const rows = DISK_KINDS.map((kind) => {
        const { count, active, size, reclaimable } = answer[kind];
        return [KINDS[kind], String(count), String(active), formatBytes(size), formatBytes(reclaimable)];
      });
      io.out(`${table(['TYPE', 'COUNT', 'ACTIVE', 'SIZE', 'RECLAIMABLE'], rows)}\n`);
      if (answer.items === undefined) return;
      const items = answer.items.map(({ kind, name, id, size, in_use, managed }) => [
        ...[kind.replace('_', ' '), name === '' ? id.replace(/^sha256:/, '').slice(0, 12) : name],
        ...[formatBytes(size), in_use ? 'yes' : '', managed ? 'yes' : ''],
      ]);
      io.out(`\n${table(['TYPE', 'NAME', 'SIZE', 'IN USE', 'OURS'], items)}\n`);
    });
}

function addCapabilities(group: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(group.command('capabilities')))
    .description('Say what this engine can do, and why it cannot do the rest. Needs no Berth.')
    .option('--require <name>', 'fail unless it can do that', collected)
    .addHelpText(
      'after',
      '\nExamples:\n  berth system capabilities\n  berth system capabilities --require buildkit --require volume_subpath',
    )
    .action(async ({ require, ...options }: PlaceOptions & { readonly require?: string[] }) => {
      const answer = await asked({ session: deps.engineSession }, options, system, (client) =>
        client.capabilities({ ...(require && { require }) }, { signal }),
      );
      if (options.json) {
        io.out(`${JSON.stringify(answer)}\n`);
        return;
      }
      const rows = answer.capabilities.map(({ name, available, description, why = '' }) => [
        ...[name, available ? 'yes' : 'no', available ? description : why],
      ]);
      io.out(`${table(['NAME', 'THERE', 'WHAT'], rows)}\n`);
    });
}

function addHealth(group: Command, { io, deps, signal }: Context, exit: Exit): void {
  withJson(withPlace(group.command('health')))
    .description('Say how Berth itself does. Exit code 1 when something is wrong.')
    .addHelpText('after', '\nExamples:\n  berth system health\n  berth system health --json | jq .queue')
    .action(async (options: PlaceOptions) => {
      const answer = await asked(deps, options, system, (client) => client.health({}, { signal }));
      io.out(`${options.json ? JSON.stringify(answer) : fields(answer)}\n`);
      if (!answer.healthy) exit(1);
    });
}
