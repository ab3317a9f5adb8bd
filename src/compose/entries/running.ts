import type { ComposeService } from '../model/service.ts';
import { dotenv } from '../reading/dotenv.ts';
import { splitWords } from './split-words.ts';
import { type Fields, REFERENCE, type Taking } from './taking.ts';

type Given<K extends keyof ComposeService> = NonNullable<ComposeService[K]>;

/** A text is split into words, and no shell reads it. An empty one is the image’s own. */
export function command(given: Given<'command'>, { say }: Taking): Fields {
  const words = wordsOf(given, 'command', say);
  return words.length === 0 ? {} : { command: [...words] };
}

/** An empty one: none, not even the image’s. */
export function entrypoint(given: Given<'entrypoint'>, { say }: Taking): Fields {
  const words = wordsOf(given, 'entrypoint', say);
  return { entrypoint: words.every((word) => word === '') ? [] : [...words] };
}

function wordsOf(given: string | readonly string[], key: string, say: Taking['say']): readonly string[] {
  if (typeof given !== 'string') return given;
  const words = splitWords(given);
  if (words === undefined) say(key, 'a quote in it is never closed');
  return words ?? [];
}

/** Variables: of files first, and what is said here over them. */
export async function environment(service: ComposeService, taking: Taking): Promise<Fields> {
  const { purpose, variables, say, read, shown } = taking;
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(service.environment ?? {})) {
    const here = variables[name];
    if (value !== null) own[name] = value;
    else if (purpose === 'import') {
      own[name] = `${REFERENCE}{${name}:-}`;
      say(`environment.${name}`, 'comes from the environment, each time that the entry is read', {
        level: 'note',
      });
    } else if (here !== undefined) own[name] = here;
  }
  const files: string[] = [];
  let below: Record<string, string> = {};
  for (const { path, required = true, format } of service.env_file ?? []) {
    const text = await read(path);
    if (text === undefined) {
      if (required)
        say('env_file', `there is no file ${path}`, { instead: 'make it, or say `required: false`' });
      else if (purpose === 'import')
        say('env_file', `${path} is not there, and is left out`, { level: 'note' });
      continue;
    }
    files.push(shown(path));
    const raw = format === 'raw';
    if (format !== undefined && !raw) say('env_file', `the format ${format} is not known`);
    const made = dotenv(text, variables, raw);
    if (made.problem !== undefined) say('env_file', `${path}:${made.problem.line}: ${made.problem.message}`);
    const inherited = made.inherited.flatMap((name): [string, string][] => {
      const value = variables[name];
      return value === undefined ? [] : [[name, value]];
    });
    below = { ...below, ...made.variables, ...Object.fromEntries(inherited) };
  }
  if (purpose === 'import') {
    return {
      ...(Object.keys(own).length > 0 && { env: own }),
      ...(files.length > 0 && { env_file: files }),
    };
  }
  const env = { ...below, ...own };
  return Object.keys(env).length === 0 ? {} : { env };
}

export function healthcheck(given: Given<'healthcheck'>, { say }: Taking): Fields {
  const { test, disable, interval, timeout, retries, start_period, start_interval } = given;
  if (disable === true || (Array.isArray(test) && test[0] === 'NONE'))
    return { health_check: { test: ['NONE'] } };
  if (Array.isArray(test) && !/^CMD(-SHELL)?$/.test(test[0] ?? '')) {
    say('healthcheck.test', 'a list begins with CMD, CMD-SHELL or NONE');
    return {};
  }
  return {
    health_check: {
      ...(test !== undefined && { test }),
      ...(interval !== undefined && { interval }),
      ...(timeout !== undefined && { timeout }),
      ...(retries !== undefined && { retries }),
      ...(start_period !== undefined && { start_period }),
      ...(start_interval !== undefined && { start_interval }),
    },
  };
}

const CONDITIONS = {
  service_started: 'started',
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
} as const;

export function dependsOn(given: Given<'depends_on'>, { model, say }: Taking): Fields {
  const there = Object.entries(given).filter(([service, { required = true }]) => {
    const found = Object.hasOwn(model.services ?? {}, service);
    if (!found && required)
      say(`depends_on.${service}`, `there is no service ${service}, or none of the profiles that run`, {
        instead: 'name its profile, or say `required: false`',
      });
    return found;
  });
  if (there.length === 0) return {};
  const waits = there.map(
    ([service, { condition = 'service_started', required = true, restart = false }]) => [
      service,
      {
        ...(condition !== 'service_started' && { condition: CONDITIONS[condition] }),
        ...(!required && { required }),
        ...(restart && { restart }),
      },
    ],
  );
  return { depends_on: Object.fromEntries(waits) };
}

/** Ended with 0 by those that wait for it: it runs once, and is not run again for the same spec. */
export function roleOf(name: string, services: Readonly<Record<string, ComposeService>>): Fields {
  const waits = Object.values(services).flatMap(({ depends_on = {} }) => depends_on[name] ?? []);
  const isOnce =
    waits.length > 0 && waits.every(({ condition }) => condition === 'service_completed_successfully');
  return isOnce ? { role: 'job' } : {};
}

const POLICY = /^(no|always|unless-stopped|on-failure(:\d+)?)$/;

export function restart(given: string, { say }: Taking): Fields {
  const policy = given === 'false' ? 'no' : given;
  if (POLICY.test(policy)) return { restart_policy: policy.replace(/:0$/, '') };
  say('restart', `\`${given}\` is no restart policy`, {
    instead: 'no, always, unless-stopped, on-failure or on-failure:N',
  });
  return {};
}

export function pullPolicy(given: string, { say }: Taking): Fields {
  if (given === 'always' || given === 'never') return { pull_policy: given };
  if (given === 'missing' || given === 'if_not_present' || given === 'build') return {};
  say('pull_policy', `\`${given}\` is not taken; the image is pulled when it is missing`, {
    level: 'warning',
    instead: 'always, missing or never',
  });
  return {};
}
