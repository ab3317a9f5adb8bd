import { type Command, InvalidArgumentError, Option } from 'commander';
import type { UpdateConfig } from '../../../contracts/container-fields/convergence.ts';
import { groups } from '../../../contracts/groups.ts';
import { addFlags, valuesOf } from '../container-flags/add-flags.ts';
import { CONTAINER_FLAGS } from '../container-flags/flags.ts';
import type { Context } from '../context.ts';
import { whileDeploying } from '../groups/while-deploying.ts';
import { type PlaceOptions, time, wholeNumber, withJson, withPlace } from '../options.ts';
import { printable } from '../printable.ts';

interface HowOptions extends PlaceOptions {
  readonly strategy?: 'recreate' | 'rolling';
  readonly order?: 'stop-first' | 'start-first';
  readonly parallelism?: number;
  readonly delay?: string | number;
  readonly monitor?: string | number;
  readonly drain?: string | number;
  readonly readyWithin?: string | number;
  readonly maxFailureRatio?: number;
  readonly onFailure?: UpdateConfig['failure_action'];
  readonly wait: boolean;
  readonly supersede?: true;
}

type DeployOptions = HowOptions &
  Readonly<Record<string, unknown>> & { readonly image?: string; readonly replicas?: number };

/** `berth deploy | rollback | scale`: they return when the group is there, or back. */
export function addDeploying(program: Command, context: Context): void {
  const { io, signal } = context;
  const say = (options: PlaceOptions, answer: Answer): void =>
    io.out(`${options.json ? JSON.stringify(answer) : printable(textOf(answer))}\n`);
  const deploy = withHow(program.command('deploy'));
  addFlags(deploy, CONTAINER_FLAGS)
    .description(
      'Give services of a group another image or other settings, and lead the group there. The others keep running.',
    )
    .argument('<group>')
    .argument('[service...]', 'SERVICE, or SERVICE=IMAGE; none: all of them are made anew')
    .option('--image <image>', 'the image of the services named')
    .option('--replicas <n>', 'so many containers of each', wholeNumber(0))
    .addHelpText(
      'after',
      '\nExamples:\n  berth deploy shop web=shop/web:2\n  berth deploy shop web --env VERSION=2 --order start-first --drain 10s\n  berth deploy shop web=shop/web:3 --parallelism 2 --on-failure pause --no-wait',
    )
    .action(async (group: string, words: string[], options: DeployOptions) => {
      const fields = {
        ...valuesOf({}, CONTAINER_FLAGS, options),
        ...(options.image !== undefined && { image: options.image }),
        ...(options.replicas !== undefined && { replicas: options.replicas }),
      };
      const services = Object.fromEntries(words.map((word) => serviceOf(word, fields)));
      const answer = await whileDeploying(group, options, context, (session) =>
        session
          .open(groups)
          .deploy({ group, ...(words.length > 0 && { services }), ...howOf(options) }, { signal }),
      );
      say(options, answer);
    });
  withHow(program.command('rollback'))
    .description('Bring a group back to a former release. What has not changed since is left alone.')
    .argument('<group>')
    .argument('[release]', 'its number; default: the last good one before this', wholeNumber(1))
    .addHelpText('after', '\nExamples:\n  berth rollback shop\n  berth rollback shop 3')
    .action(async (group: string, release: number | undefined, options: HowOptions) => {
      const answer = await whileDeploying(group, options, context, (session) =>
        session
          .open(groups)
          .rollback({ group, ...(release !== undefined && { release }), ...howOf(options) }, { signal }),
      );
      say(options, answer);
    });
  withHow(program.command('scale'))
    .description('Have so many containers of a service.')
    .argument('<group>')
    .argument('<service=n...>', 'like web=3')
    .addHelpText('after', '\nExamples:\n  berth scale shop web=3\n  berth scale shop web=3 worker=2')
    .action(async (group: string, words: string[], options: HowOptions) => {
      const wanted = words.map(scaleOf);
      await whileDeploying(group, options, context, async (session) => {
        for (const { service, replicas } of wanted)
          say(
            options,
            await session.open(groups).scale({ group, service, replicas, ...howOf(options) }, { signal }),
          );
      });
    });
}

interface Answer {
  readonly group: string;
  readonly release: number;
  readonly state: string;
  readonly changed: readonly string[];
  readonly started?: readonly string[] | undefined;
}

function textOf({ group, release, state, changed, started = [] }: Answer): string {
  if (changed.length === 0) return `${group} is as it should be, at release ${release}`;
  const what = [changed.join(', '), ...(started.length === 0 ? [] : [`started ${started.join(', ')}`])].join(
    '; ',
  );
  return state === 'succeeded'
    ? `${group} is at release ${release} (${what})`
    : `${group} goes to release ${release} (${what}): ${state}`;
}

function withHow(command: Command): Command {
  return withJson(withPlace(command))
    .addOption(
      new Option('--strategy <strategy>', 'all at once, or some at a time').choices(['recreate', 'rolling']),
    )
    .addOption(new Option('--order <order>', 'which goes first').choices(['stop-first', 'start-first']))
    .option('--parallelism <n>', 'so many at a time; 0: all', wholeNumber(0))
    .option('--delay <time>', 'between one batch and the next', time)
    .option('--monitor <time>', 'how long a new one must be ready until it counts', time)
    .option('--ready-within <time>', 'how long a new one may take to be ready', time)
    .option('--drain <time>', 'how long an old one still answers after it was taken out', time)
    .option('--max-failure-ratio <ratio>', 'more failed ones than this fail it all', ratio)
    .addOption(
      new Option('--on-failure <action>', 'what to do then').choices(['rollback', 'pause', 'continue']),
    )
    .option('--supersede', 'end what is under way, and go on from what there is')
    .option('--no-wait', 'only begin it, and return at once');
}

function howOf(options: HowOptions) {
  const { strategy, order, parallelism, delay, monitor, drain, readyWithin, maxFailureRatio, onFailure } =
    options;
  const config = {
    ...(strategy && { strategy }),
    ...(order && { order: order === 'start-first' ? ('start_first' as const) : ('stop_first' as const) }),
    ...(parallelism !== undefined && { parallelism }),
    ...(delay !== undefined && { delay }),
    ...(monitor !== undefined && { monitor }),
    ...(drain !== undefined && { drain }),
    ...(readyWithin !== undefined && { timeout: readyWithin }),
    ...(maxFailureRatio !== undefined && { max_failure_ratio: maxFailureRatio }),
    ...(onFailure && { failure_action: onFailure }),
  };
  return {
    wait: options.wait,
    ...(options.supersede && { supersede: true }),
    ...(Object.keys(config).length > 0 && { strategy: config }),
  };
}

function serviceOf<T extends object>(word: string, fields: T): [string, T & { image?: string }] {
  const at = word.indexOf('=');
  return at < 0 ? [word, fields] : [word.slice(0, at), { ...fields, image: word.slice(at + 1) }];
}

function scaleOf(word: string): { readonly service: string; readonly replicas: number } {
  const [, service = '', count = ''] = /^(.+)=(\d+)$/.exec(word) ?? [];
  if (service === '') throw new InvalidArgumentError(`${word}: SERVICE=N is wanted, like web=3.`);
  return { service, replicas: Number(count) };
}

function ratio(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError('A number from 0 to 1 is wanted.');
  return value;
}
