import { dirname, resolve } from 'node:path';
import type { ComposeSource } from '../../src/compose/load-project.ts';
import { type ComposeEntries, composeEntries, type Making } from '../../src/compose/to-entries.ts';

export const FOLDER = '/srv/shop';

type Given = string | Readonly<Record<string, string>>;

/** Entries of texts: one is `compose.yaml`; else they are files by their path below the folder, the first one the main one. */
export async function aProject(
  given: Given,
  more: Partial<ComposeSource> & Partial<Pick<Making, 'purpose' | 'variables' | 'shown'>> = {},
): Promise<ComposeEntries> {
  const texts = typeof given === 'string' ? { 'compose.yaml': given } : given;
  const { purpose = 'run', variables = { HOME: '/home/me' }, shown, files, ...source } = more;
  const known = new Map(Object.entries(texts).map(([path, text]) => [resolve(FOLDER, path), text]));
  return composeEntries(
    {
      files: (files ?? [Object.keys(texts)[0] ?? '']).map((path) => resolve(FOLDER, path)),
      ...source,
    },
    {
      purpose,
      variables,
      read: async (path) => known.get(path),
      ...(shown && { shown }),
    },
  );
}

/** The fields of one service, without its labels, name and what is said of each. */
export async function fieldsOf(
  given: Given,
  name = 'web',
  more: Parameters<typeof aProject>[1] = {},
): Promise<Readonly<Record<string, unknown>>> {
  const made = await aProject(given, more);
  const errors = made.problems.filter(({ level }) => level === 'error');
  if (errors.length > 0) throw new Error(errors.map((one) => lineOf(one)).join('\n'));
  const found = made.entries.find(({ entry, type }) => type === 'docker.container' && entry.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  const { name: _name, kind, meta, group, labels = {}, ...rest } = found.entry;
  const own = Object.entries(labels as object).filter(([label]) => !label.startsWith('com.docker.compose.'));
  return { ...rest, ...(own.length > 0 && { labels: Object.fromEntries(own) }) };
}

/** A service with those lines, and what they made of it beside what every service says. */
export async function of(
  lines: string,
  more: Parameters<typeof aProject>[1] & { readonly top?: string } = {},
): Promise<Readonly<Record<string, unknown>>> {
  const { top = '', ...rest } = more;
  const text = `services:\n  web:\n    image: busybox\n${indented(lines)}\n${top}`;
  const { image, container_name, replicas, restart_policy, init, networks, ...made } = await fieldsOf(
    text,
    'web',
    rest,
  );
  return {
    ...made,
    ...(image !== 'busybox' && { image }),
    ...(container_name !== 'shop-web' && { container_name }),
    ...(replicas !== 1 && replicas !== undefined && { replicas }),
    ...(restart_policy !== 'no' && { restart_policy }),
    ...(init !== false && { init }),
    ...(JSON.stringify(networks) !== '["shop_default"]' && networks !== undefined && { networks }),
  };
}

/** Every problem as `level place part key: message; instead`. */
export async function problemsOf(
  given: Given,
  more: Parameters<typeof aProject>[1] = {},
): Promise<readonly string[]> {
  const { problems } = await aProject(given, more);
  return problems.map((one) => lineOf(one));
}

function lineOf({ level, place, part, key, message, instead }: ComposeEntries['problems'][number]): string {
  const at = `${place.file.slice(dirname(FOLDER).length + 6)}:${place.line}`;
  return `${level} ${at} ${part}${key === '' ? '' : ` ${key}`}: ${message}${instead === undefined ? '' : `; ${instead}`}`;
}

function indented(lines: string): string {
  return lines
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
