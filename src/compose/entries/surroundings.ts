import { type ComposeModel, externalName } from '../model/model.ts';
import { surroundingLabels } from './compose-labels.ts';
import { textsIn } from './networking.ts';
import { type Purpose, surroundingOf } from './taking.ts';

/** An entry as it is written: `name`, `kind`, `meta` and the fields beside it. */
export type RawEntry = Readonly<Record<string, unknown>> & { readonly name: string };

interface Project {
  readonly model: ComposeModel;
  readonly project: string;
  readonly purpose: Purpose;
}

/** What the networks that some service joins are made of; those of others are not. */
export function networkEntries(given: Project): readonly (RawEntry & { readonly key: string })[] {
  const { model, project, purpose } = given;
  const used = new Set(
    Object.values(model.services ?? {}).flatMap(({ networks, network_mode }) =>
      network_mode === undefined ? Object.keys(networks ?? {}) : [],
    ),
  );
  return [...used].sort().flatMap((key) => {
    const said = model.networks?.[key] ?? {};
    if (externalName(key, said) !== undefined) return [];
    const { driver, driver_opts, internal, attachable, enable_ipv6, ipam } = said;
    const { name } = surroundingOf(given, 'networks', key);
    const labels = { ...said.labels, ...(purpose === 'run' && surroundingLabels('network', project, key)) };
    return [
      {
        key,
        name: `${key}.network`,
        kind: 'registry.entry',
        meta: { type: 'docker.network' },
        network_name: name,
        ...(driver !== undefined && driver !== 'default' && { driver }),
        ...(driver_opts !== undefined && { options: textsIn(driver_opts) }),
        ...(internal && { internal }),
        ...(attachable && { attachable }),
        ...(enable_ipv6 && { ipv6: true }),
        ...(ipam !== undefined && {
          ipam: {
            ...(ipam.driver !== undefined && { driver: ipam.driver }),
            ...(ipam.options !== undefined && { options: textsIn(ipam.options) }),
            ...(ipam.config !== undefined && { config: ipam.config }),
          },
        }),
        ...(Object.keys(labels).length > 0 && { labels }),
      },
    ];
  });
}

/** The same of named volumes. */
export function volumeEntries(given: Project): readonly (RawEntry & { readonly key: string })[] {
  const { model, project, purpose } = given;
  const used = new Set(
    Object.values(model.services ?? {}).flatMap(({ volumes = [] }) =>
      volumes.flatMap(({ type, source }) => (type === 'volume' && source !== undefined ? [source] : [])),
    ),
  );
  return [...used].sort().flatMap((key) => {
    const said = model.volumes?.[key];
    if (said === undefined || externalName(key, said) !== undefined) return [];
    const { name } = surroundingOf(given, 'volumes', key);
    const labels = { ...said.labels, ...(purpose === 'run' && surroundingLabels('volume', project, key)) };
    return [
      {
        key,
        name: `${key}.volume`,
        kind: 'registry.entry',
        meta: { type: 'docker.volume' },
        volume_name: name,
        ...(said.driver !== undefined && { driver: said.driver }),
        ...(said.driver_opts !== undefined && { options: textsIn(said.driver_opts) }),
        ...(Object.keys(labels).length > 0 && { labels }),
      },
    ];
  });
}
