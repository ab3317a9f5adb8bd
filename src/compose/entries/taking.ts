import type { z } from 'zod';
import type { containerEntry } from '../../../contracts/registry-entry.ts';
import { type ComposeModel, externalName } from '../model/model.ts';
import type { Complaint } from '../model/shaping.ts';
import type { Variables } from '../reading/interpolate.ts';
import type { ReadText } from '../reading/read-text.ts';

/** Stands for the dollar of a variable that Berth is to put in; every other dollar is only a dollar. */
export const REFERENCE = '\uE000';

/** Fields of a container’s entry, as they are written. */
export type Fields = Partial<z.input<typeof containerEntry>>;

/** `run`: named and labelled as Compose does. `import`: an entry for people to read and go on with. */
export type Purpose = 'run' | 'import';

/** What a service’s keys are taken with. */
export interface Taking {
  readonly purpose: Purpose;
  readonly project: string;
  /** Absolute. */
  readonly folder: string;
  /** The service. */
  readonly name: string;
  readonly model: ComposeModel;
  readonly variables: Variables;
  readonly read: ReadText;
  /** Of a key of this service, such as `deploy.placement`. */
  say(key: string, message: string, more?: Complaint): void;
  /** A path of this machine as the entry says it. */
  shown(path: string): string;
}

/** The name of a service’s first container. */
export function containerOf(
  { model, project, purpose }: Pick<Taking, 'model' | 'project' | 'purpose'>,
  service: string,
): string {
  const given = model.services?.[service]?.container_name;
  return given ?? (purpose === 'run' ? `${project}-${service}-1` : service);
}

/** A network’s or volume’s name on the engine, and whether it is somebody else’s. */
export function surroundingOf(
  { model, project }: Pick<Taking, 'model' | 'project'>,
  kind: 'networks' | 'volumes',
  key: string,
): { readonly name: string; readonly external: boolean } {
  const said = model[kind]?.[key] ?? {};
  const external = externalName(key, said);
  return { name: external ?? said.name ?? `${project}_${key}`, external: external !== undefined };
}

/** Whether the service is one of the file’s; else it is said. */
export function isService({ model, say }: Taking, key: string, service: string): boolean {
  const found = Object.hasOwn(model.services ?? {}, service);
  if (!found) say(key, `there is no service ${service}`);
  return found;
}
