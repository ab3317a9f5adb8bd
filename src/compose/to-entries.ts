import { ENTRY_TYPES, type EntryType } from '../../contracts/registry-entry.ts';
import { serviceEntry } from './entries/service-entry.ts';
import { networkEntries, type RawEntry, volumeEntries } from './entries/surroundings.ts';
import type { Purpose, Taking } from './entries/taking.ts';
import { type ComposeSource, loadProject } from './load-project.ts';
import { checkModel, nearest, wordsOf } from './model/check-model.ts';
import type { ComposeModel } from './model/model.ts';
import { complainer } from './model/shaping.ts';
import type { Variables } from './reading/interpolate.ts';
import type { Place } from './reading/places.ts';
import type { ComposeProblem } from './reading/problem.ts';
import type { ReadText } from './reading/read-text.ts';
import { selectServices } from './select-services.ts';

/** One entry, and what it was made of. */
export interface ComposeEntry {
  readonly type: EntryType;
  readonly entry: RawEntry;
  readonly place: Place;
}

/** A Compose project as entries. */
export interface ComposeEntries {
  readonly project: string;
  readonly folder: string;
  /** Surroundings first, then services in the file’s order. */
  readonly entries: readonly ComposeEntry[];
  /** All that is wrong, or cannot be taken; errors first. */
  readonly problems: readonly ComposeProblem[];
  /** Services that are not run now, and why. */
  readonly left: ReadonlyMap<string, string>;
  /** Every file that was read, or looked for. */
  readonly sources: readonly string[];
}

export interface Making {
  readonly purpose: Purpose;
  readonly variables: Variables;
  readonly read: ReadText;
  /** A path of this machine as entries say it. Default: as it is. */
  readonly shown?: (path: string) => string;
}

/** Make entries of Compose files. Never throws for what they say. */
export async function composeEntries(source: ComposeSource, making: Making): Promise<ComposeEntries> {
  const loaded = await loadProject(source, making.variables, making.read);
  const { project, folder, data, places, variables, problems } = loaded;
  const file = source.files[0] ?? '';
  const result = (entries: readonly ComposeEntry[], left: ReadonlyMap<string, string>): ComposeEntries => ({
    project,
    folder,
    entries,
    problems: problems.toSorted(inOrder),
    left,
    sources: loaded.sources,
  });
  const checked = checkModel(data, places, file);
  if ('problems' in checked) problems.push(...checked.problems);
  // Without a name or a model there is nothing that could be called anything.
  if ('problems' in checked || problems.some(({ part }) => part === 'name')) return result([], new Map());
  const profiles = [...(source.profiles ?? []), ...(variables['COMPOSE_PROFILES'] ?? '').split(',')].filter(
    Boolean,
  );
  const selection = selectServices(checked.model, profiles, source.services ?? []);
  const complain = complainer(problems, file);
  for (const name of selection.unknown) complain(['services', name], undefined, 'there is no such service');
  if (Object.keys(checked.model.services ?? {}).length === 0)
    complain(['services'], undefined, 'there are no services in it');
  const model = joinedByDefault({ ...checked.model, services: selection.services });
  const placeOf = (...path: readonly string[]): Place =>
    places.at(data, path) ?? { file, line: 1, column: 1 };
  const say =
    (kind: string, name: string): Taking['say'] =>
    (key, message, more) =>
      complain([kind, name, ...key.split('.')], placeOf(kind, name, ...key.split('.')), message, more);
  const whole = { model, project, purpose: making.purpose };
  const made: ComposeEntry[] = [];
  // Each joins the networks that it names, and no further one.
  const group = { kind: 'registry.entry', meta: { type: 'docker.group' }, name: project, network: 'none' };
  made.push({ type: 'docker.group', entry: group, place: placeOf('name') });
  if (making.purpose === 'import' && model.services?.[project] !== undefined)
    complain(
      ['services', project],
      placeOf('services', project),
      'it is called as the project, which is a group',
      { instead: 'another name for the project with -p NAME' },
    );
  for (const { key, ...entry } of networkEntries(whole))
    made.push({ type: 'docker.network', entry, place: placeOf('networks', key) });
  for (const { key, ...entry } of volumeEntries(whole))
    made.push({ type: 'docker.volume', entry, place: placeOf('volumes', key) });
  for (const [name, service] of Object.entries(model.services ?? {})) {
    const taking: Taking = {
      ...whole,
      folder,
      name,
      variables,
      read: loaded.read,
      say: say('services', name),
      shown: making.shown ?? ((path) => path),
    };
    const { entry, origins } = await serviceEntry(service, taking, { ...source, project, folder });
    made.push({ type: 'docker.container', entry, place: placeOf('services', name) });
    for (const { path, message } of refusals('docker.container', entry)) {
      const [field = '', ...rest] = path;
      taking.say([origins.get(field) ?? field, ...rest].join('.'), message);
    }
  }
  for (const { type, entry, place } of made)
    if (type !== 'docker.container')
      for (const { path, message } of refusals(type, entry))
        complain([entry.name, '', ...path], place, message);
  return result(made, selection.left);
}

/** Who says no network is on the one that all are on. */
function joinedByDefault(model: ComposeModel): ComposeModel {
  const services = Object.entries(model.services ?? {}).map(([name, service]) => [
    name,
    service.networks === undefined && service.network_mode === undefined
      ? { ...service, networks: { default: {} } }
      : service,
  ]);
  return { ...model, services: Object.fromEntries(services) };
}

/** What Compose would take, and an entry does not. */
function refusals(
  type: EntryType,
  entry: RawEntry,
): readonly { readonly path: readonly string[]; readonly message: string }[] {
  const { error } = ENTRY_TYPES[type].safeParse(entry);
  return (error?.issues ?? [])
    .map(nearest)
    .map((issue) => ({ path: issue.path.map(String), message: wordsOf(issue) }));
}

const LEVELS = ['error', 'warning', 'note'];

/** The worst first, then as they stand in the files. */
function inOrder(one: ComposeProblem, other: ComposeProblem): number {
  return (
    LEVELS.indexOf(one.level) - LEVELS.indexOf(other.level) ||
    one.place.file.localeCompare(other.place.file) ||
    one.place.line - other.place.line
  );
}
