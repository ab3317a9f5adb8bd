import type { UpdateConfig } from '../../../contracts/container-fields/convergence.ts';
import { replicable } from '../../../contracts/container-fields/convergence.ts';
import { type ContainerSpec, containerSpec } from '../../../contracts/container-spec.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { groups } from '../../../contracts/groups.ts';
import { compareServices } from '../../plan/groups/compare-services.ts';
import { inGroup } from '../../plan/groups/in-group.ts';
import { type ReleaseService, type Services, slotsOf } from '../../plan/groups/release.ts';
import { serviceGraph } from '../../plan/groups/service-graph.ts';
import type { GroupRow } from '../../store/group-rows.ts';
import { refuseUnsupported, specOf } from '../containers/create.ts';
import { refuseUnknown } from './acting.ts';
import { begin } from './begin.ts';
import { groupOf } from './group-of.ts';
import type { GroupParts } from './parts.ts';

type Methods = Pick<Handlers<typeof groups>, 'deploy' | 'scale' | 'plan'>;

/** Fields of a service that are other than before; undefined fields are as they were. */
type Patch = { readonly [K in keyof ContainerSpec]?: ContainerSpec[K] | undefined } & {
  readonly replicas?: number | undefined;
  readonly update_config?: UpdateConfig | undefined;
};

/** Another release, made of the present one and of what a call changes in it. */
export function deploying(parts: GroupParts): Methods {
  const { store } = parts;
  const present = (name: string): { readonly group: GroupRow; readonly services: Services } => {
    const group = groupOf(name, store);
    return { group, services: store.groups.release(name, group.release)?.services ?? {} };
  };
  return {
    deploy: async ({ group: name, services: given, ...how }, context) => {
      const { group, services } = present(name);
      const patches = given ?? Object.fromEntries(Object.keys(services).map((service) => [service, {}]));
      const next = await patched(group, services, patches, parts, context.signal);
      const changed = changedServices(services, next);
      const again = Object.keys(patches).filter(
        (service) => Object.keys(patches[service] ?? {}).length === 0,
      );
      const to = { services: next, cause: 'deploy' };
      return await begin({ group, kind: 'deploy', to, changed, again }, how, parts, context);
    },
    scale: async ({ group: name, service, replicas, memory_limit, cpu_limit, ...how }, context) => {
      const { group, services } = present(name);
      const patch = {
        ...(replicas !== undefined && { replicas }),
        ...(memory_limit !== undefined && { memory_limit }),
        ...(cpu_limit !== undefined && { cpu_limit }),
      };
      if (Object.keys(patch).length === 0)
        throw new ContractError('invalid_input', 'say `replicas`, `memory_limit` or `cpu_limit`');
      const next = await patched(group, services, { [service]: patch }, parts, context.signal);
      const changed = changedServices(services, next);
      const to = { services: next, cause: 'scale' };
      return await begin({ group, kind: 'scale', to, changed, again: [] }, how, parts, context);
    },
    plan: async ({ group: name, services: given = {} }, { signal }) => {
      const { group, services } = present(name);
      const next = await patched(group, services, given, parts, signal);
      const slots = slotsOf(next);
      return {
        group: name,
        services: compareServices(services, next).map(({ service, action, changed }) => ({
          service,
          action,
          changed: changed.map((one) => ({ ...one })),
          containers: slots.filter((slot) => slot.service === service).map((slot) => slot.name),
        })),
      };
    },
  };
}

function changedServices(from: Services, to: Services): readonly string[] {
  return compareServices(from, to).flatMap(({ service, action }) => (action === 'keep' ? [] : [service]));
}

/** The services with what is given in place of what they had. Throws not_found, invalid_input, unsupported. */
async function patched(
  group: GroupRow,
  services: Services,
  patches: Readonly<Record<string, Patch>>,
  parts: GroupParts,
  signal: AbortSignal,
): Promise<Services> {
  refuseUnknown(group.name, Object.keys(patches), Object.keys(services));
  const next: [string, ReleaseService][] = [];
  for (const [service, before] of Object.entries(services)) {
    const { replicas, update_config, ...fields } = said(patches[service] ?? {});
    if (Object.keys(patches[service] ?? {}).length === 0) next.push([service, before]);
    else {
      const spec = await specPatched(group, service, before, fields);
      const after: ReleaseService = {
        ...before,
        spec,
        replicas: replicas ?? before.replicas,
        update_config: update_config ?? before.update_config,
        image_id: undefined,
      };
      refuseReplicas(service, after);
      await refuseUnsupported(spec, parts, signal);
      next.push([service, after]);
    }
  }
  const { problem } = serviceGraph(Object.fromEntries(next));
  if (problem !== undefined) throw new ContractError('invalid_input', problem);
  return Object.fromEntries(next);
}

async function specPatched(
  { labels }: GroupRow,
  service: string,
  before: ReleaseService,
  fields: ContainerSpec,
): Promise<ContainerSpec> {
  const whole = {
    ...before.spec,
    ...fields,
    ...(fields.command !== undefined && { args: undefined }),
    ...(fields.args !== undefined && { command: undefined }),
    ...(fields.network !== undefined && { networks: undefined }),
    ...(fields.networks !== undefined && { network: undefined }),
  };
  const parsed = containerSpec.safeParse(JSON.parse(JSON.stringify(whole)));
  if (!parsed.success) throw invalid(service, parsed.error.issues);
  const around = { network: undefined, short: service, labels, full: (short: string) => short };
  return inGroup(await specOf(parsed.data), around);
}

function refuseReplicas(service: string, { spec, replicas, update_config }: ReleaseService): void {
  const checked = replicable.safeParse({ ...spec, replicas: replicas ?? undefined, update_config });
  if (!checked.success) throw invalid(service, checked.error.issues);
}

function invalid(
  service: string,
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): ContractError {
  const problems = issues.map(({ path, message }) => ({
    path: ['services', service, ...path].map(String).join('.'),
    message,
  }));
  return new ContractError('invalid_input', `${service} cannot be so: ${problems[0]?.message ?? ''}`, {
    problems,
  });
}

/** Without what is left out. */
function said(patch: Patch): ContainerSpec & Pick<Patch, 'replicas' | 'update_config'> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
}
