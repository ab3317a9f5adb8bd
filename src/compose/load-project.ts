import { basename, dirname, resolve } from 'node:path';
import { once } from './model/merge.ts';
import { complainer, type Shaping } from './model/shaping.ts';
import { readLayer } from './read-layer.ts';
import type { Variables } from './reading/interpolate.ts';
import { type DataMap, inside, isDataMap, Places } from './reading/places.ts';
import type { ComposeProblem } from './reading/problem.ts';
import type { ReadText } from './reading/read-text.ts';
import { readYaml } from './reading/read-yaml.ts';
import { withDotenv } from './reading/with-dotenv.ts';

/** Which files are one project, and how it is run. */
export interface ComposeSource {
  /** Absolute; what a later one says lies over the earlier ones. */
  readonly files: readonly string[];
  /** Absolute; what relative paths begin at. Default: the first file’s folder. */
  readonly folder?: string;
  /** Instead of the `.env` in the folder; absolute. */
  readonly env_files?: readonly string[];
  /** The project’s name. Default: COMPOSE_PROJECT_NAME, the file’s `name`, the folder’s. */
  readonly project?: string;
  /** Profiles to run beside those of COMPOSE_PROFILES. */
  readonly profiles?: readonly string[];
  /** Services to run, with what they need. None: all of the profiles. */
  readonly services?: readonly string[];
}

/** Several files as one, not checked yet. */
export interface LoadedProject {
  readonly project: string;
  readonly folder: string;
  readonly data: DataMap;
  readonly places: Places;
  /** Of the environment, and below it of the `.env`. */
  readonly variables: Variables;
  readonly problems: ComposeProblem[];
  /** Every file that was read, or looked for; absolute. */
  readonly sources: readonly string[];
  readonly read: ReadText;
}

/** Read the files of a project and put them over each other. Never throws for what they say: that is in `problems`. */
export async function loadProject(
  source: ComposeSource,
  variables: Variables,
  readText: ReadText,
): Promise<LoadedProject> {
  const sources = new Set<string>();
  const read: ReadText = (path) => {
    sources.add(path);
    return readText(path);
  };
  const main = source.files[0] ?? resolve('compose.yaml');
  const folder = source.folder ?? dirname(main);
  const problems: ComposeProblem[] = [];
  const around = await withDotenv(source.env_files ?? [resolve(folder, '.env')], variables, {
    read,
    problems,
    must: source.env_files !== undefined,
  });
  const places = new Places();
  const named = await nameOf(source, around, folder, read);
  const project = source.project ?? around['COMPOSE_PROJECT_NAME'] ?? named;
  const complain = complainer(problems, main);
  if (!/^[a-z0-9][a-z0-9_-]+$/.test(project))
    complain(['name'], undefined, `\`${project}\` is no project name`, {
      instead: 'two or more small letters, digits, - and _; say one with -p NAME',
    });
  const whole: Variables = { ...around, COMPOSE_PROJECT_NAME: project };
  let data: DataMap = {};
  for (const file of source.files) {
    const shaping: Shaping = { folder, variables: whole, places, complain: complainer(problems, file) };
    data = await readLayer({ file, shaping, read, problems, base: data, seen: [] });
  }
  data = once(data, places);
  return { project, folder, data, places, variables: whole, problems, sources: [...sources], read };
}

/** What the files call the project; else the folder’s name, as far as it can be one. */
async function nameOf(
  { files }: ComposeSource,
  variables: Variables,
  folder: string,
  read: ReadText,
): Promise<string> {
  let name: string | undefined;
  for (const file of files) {
    const text = await read(file);
    const given = text === undefined ? undefined : nameIn(text, file, variables);
    if (given !== undefined) name = given;
  }
  return name ?? normalized(basename(folder));
}

function nameIn(text: string, file: string, variables: Variables): string | undefined {
  const { data } = readYaml(text, file, variables, new Places());
  const name = inside(data, 'name');
  return name === undefined || name === null || isDataMap(name) ? undefined : String(name);
}

/** As Compose makes a name of a folder’s. */
function normalized(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}
