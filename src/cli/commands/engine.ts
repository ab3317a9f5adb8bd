import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { withJson } from '../options.ts';
import type { EngineStatus } from '../session.ts';

/** `berth engine …`: a Docker Engine of our own on a bare Debian or Ubuntu. */
export function addEngine(program: Command, { io, deps, signal }: Context): void {
  const engine = program
    .command('engine')
    .description('Install, start and stop a private Docker Engine (root on Debian or Ubuntu).');
  const say = (line: string): void => io.err(`${line}\n`);
  const report = (status: EngineStatus, json: boolean): void =>
    io.out(json ? `${JSON.stringify(status)}\n` : `${describe(status)}\n`);
  withJson(engine.command('install'))
    .addHelpText('after', '\nExamples:\n  berth engine install && berth engine start')
    .description('Install it from the system’s package archive into a folder of its own.')
    .action(async (options: { json?: true }) =>
      report(await deps.engine.install(say, signal), options.json === true),
    );
  withJson(engine.command('start'))
    .addHelpText('after', '\nExamples:\n  berth engine start')
    .description('Start it; it goes on until `berth engine stop`.')
    .action(async (options: { json?: true }) =>
      report(await deps.engine.start(say, signal), options.json === true),
    );
  withJson(engine.command('stop'))
    .addHelpText('after', '\nExamples:\n  berth engine stop')
    .description('Stop it, and with it the containers on it.')
    .action(async (options: { json?: true }) => report(await deps.engine.stop(say), options.json === true));
  withJson(engine.command('status'))
    .addHelpText(
      'after',
      '\nExamples:\n  berth engine status\n  DOCKER_HOST=$(berth engine status --json | jq -r .host) docker ps',
    )
    .description('Say whether it is installed and running, and where its socket is.')
    .action(async (options: { json?: true }) => report(await deps.engine.status(), options.json === true));
  engine.addHelpText(
    'after',
    '\nExamples:\n  berth engine install && berth engine start\n  DOCKER_HOST=$(berth engine status --json | jq -r .host) docker ps',
  );
}

function describe({ installed, running, host, version, pid }: EngineStatus): string {
  if (!installed) return 'not installed; `berth engine install` installs it';
  if (!running)
    return `installed${version === undefined ? '' : ` (${version})`}, not running; \`berth engine start\` starts it`;
  return `running${version === undefined ? '' : ` (${version})`}, pid ${pid ?? '?'}, ${host ?? ''}`;
}
