import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { EngineFacts } from './engine-facts.ts';

/** What a spec may name and an engine lists; an empty list is one that is not known. */
interface Named {
  readonly field: string;
  readonly names: (spec: ContainerSpec) => readonly (string | undefined)[];
  readonly known: (facts: EngineFacts) => readonly string[];
}

export const NAMED: readonly Named[] = [
  {
    field: 'runtime',
    // One that is named by its shim need not be listed.
    names: ({ runtime }) => [runtime?.startsWith('io.containerd.') ? undefined : runtime],
    known: ({ info }) => info.runtimes,
  },
  {
    field: 'logging.driver',
    names: ({ logging }) => [logging?.driver === 'none' ? undefined : logging?.driver],
    known: ({ info, plugins = [] }) =>
      info.log_drivers.length === 0 ? [] : [...info.log_drivers, ...plugins],
  },
  { field: 'volume_driver', names: ({ volume_driver }) => [installed(volume_driver)], known: volumeMakers },
  {
    field: 'mounts.volume.driver',
    names: ({ mounts = [] }) =>
      mounts.map((one) => (one.type === 'volume' ? installed(one.volume?.driver) : undefined)),
    known: volumeMakers,
  },
];

/** Of the plugins that are no installed ones the engine lists only those that it has used already: what is named plainly may be one. */
function installed(name: string | undefined): string | undefined {
  return name !== undefined && /[/:]/.test(name) ? name : undefined;
}

function volumeMakers({ info, plugins }: EngineFacts): readonly string[] {
  return plugins === undefined ? [] : [...info.volume_drivers, ...plugins];
}

/** Whether it is there by that name; `:latest` may be left out. */
export function isListed(name: string, all: readonly string[]): boolean {
  return all.includes(name) || all.includes(`${name}:latest`);
}
