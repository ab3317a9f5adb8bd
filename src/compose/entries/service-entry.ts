import type { ComposeService } from '../model/service.ts';
import { COMPOSE_PREFIX, type ComposeProject, serviceLabels } from './compose-labels.ts';
import { roleOf } from './running.ts';
import { SERVICE_KEYS } from './service-keys.ts';
import type { RawEntry } from './surroundings.ts';
import type { Fields, Taking } from './taking.ts';

/** One service as an entry, and which key each field comes of. What it cannot take it says. */
export async function serviceEntry(
  service: ComposeService,
  taking: Taking,
  project: ComposeProject,
): Promise<{ readonly entry: RawEntry; readonly origins: ReadonlyMap<string, string> }> {
  const { name, purpose, model } = taking;
  let fields: Fields = { ...roleOf(name, model.services ?? {}) };
  const origins = new Map<string, string>();
  for (const key of Object.keys(SERVICE_KEYS) as (keyof ComposeService)[]) {
    const made = await taken(key, service, taking);
    for (const field of Object.keys(made)) origins.set(field, key);
    fields = joined(fields, made);
  }
  const { labels = {}, replicas, ...rest } = fields;
  const own = Object.fromEntries(
    Object.entries(labels).filter(([label]) => {
      const isTheirs = label.startsWith(COMPOSE_PREFIX);
      if (isTheirs) taking.say('labels', `${label} is Compose’s own, and is left out`, { level: 'warning' });
      return !isTheirs;
    }),
  );
  const all = purpose === 'run' ? { ...own, ...serviceLabels(project, name, service) } : own;
  const entry = {
    name,
    kind: 'registry.entry',
    meta: { type: 'docker.container' },
    group: taking.project,
    ...naming(service, taking, replicas),
    // Said, since what is left out means something else to Compose.
    restart_policy: 'no',
    init: false,
    ...rest,
    ...(Object.keys(all).length > 0 && { labels: all }),
  };
  return { entry, origins };
}

async function taken<K extends keyof ComposeService>(
  key: K,
  service: ComposeService,
  taking: Taking,
): Promise<Fields> {
  const given = service[key];
  if (given === undefined || given === null) return {};
  const take: (typeof SERVICE_KEYS)[K] = SERVICE_KEYS[key];
  return take(given as never, taking, service);
}

/** `PROJECT-SERVICE-N`, unless it is said; as many as are wanted. */
function naming(service: ComposeService, taking: Taking, replicas: number | undefined): object {
  const { container_name } = service;
  if (container_name !== undefined && (replicas ?? 1) > 1)
    taking.say('container_name', `${replicas} containers cannot have one name`, {
      instead: 'leave one of the two out',
    });
  const many = replicas === undefined ? {} : { replicas };
  if (taking.purpose === 'run')
    return container_name === undefined
      ? { container_name: `${taking.project}-${taking.name}`, replicas: replicas ?? 1 }
      : { container_name, ...(replicas === 0 && many) };
  return { ...(container_name !== undefined && { container_name }), ...(replicas !== 1 && many) };
}

/** Lists one after the other, maps of what is waited for united; else the later one. */
function joined(one: Fields, other: Fields): Fields {
  const result: Record<string, unknown> = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const before = result[key];
    if (Array.isArray(before) && Array.isArray(value) && key !== 'gpus') result[key] = [...before, ...value];
    else if (key === 'depends_on') result[key] = { ...(value as object), ...(before as object | undefined) };
    else result[key] = value;
  }
  return result as Fields;
}
