import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { Capability } from '../../../contracts/system-info.ts';
import { speaks } from '../speaks.ts';
import type { EngineFacts } from './engine-facts.ts';
import { isListed, NAMED } from './named.ts';
import { RULES, type Rule } from './rules.ts';

export type CapabilityName = keyof typeof RULES;

export function isCapability(name: string): name is CapabilityName {
  return Object.hasOwn(RULES, name);
}

/** All that is known of engines, and whether this one has it. Pure. */
export function capabilitiesOf(facts: EngineFacts): readonly Capability[] {
  return Object.entries<Rule>(RULES).map(([name, rule]) => {
    const why = lackOf(rule, facts);
    return {
      name,
      description: rule.description,
      available: why === undefined,
      ...(why !== undefined && { why }),
    };
  });
}

function lackOf({ since, until, lack }: Rule, { version: { api }, info }: EngineFacts): string | undefined {
  if (since !== undefined && !speaks(api, since))
    return `it needs API ${since}, and ${api} is spoken with this engine`;
  if (until !== undefined && api !== until && speaks(api, until))
    return `it ended with API ${until}, and ${api} is spoken with this engine`;
  return lack?.(info);
}

/** Of those that are required the ones that are not there, each with why. Nothing when all are. */
export function lackingCapabilities(
  facts: EngineFacts,
  required: readonly CapabilityName[],
): readonly Capability[] {
  return capabilitiesOf(facts).filter(
    ({ name, available }) => !available && (required as readonly string[]).includes(name),
  );
}

/** Whether a spec says anything that not every engine can do. */
export function needsAbilities(spec: ContainerSpec): boolean {
  return (
    Object.values<Rule>(RULES).some(({ fields = {} }) =>
      Object.values(fields).some((isUsed) => isUsed(spec)),
    ) || NAMED.some(({ names }) => names(spec).some((name) => name !== undefined))
  );
}

/** What of a spec an engine cannot do, all of it, each with the reason; empty when it can do it all. */
export function unsupportedFields(spec: ContainerSpec, facts: EngineFacts): readonly string[] {
  return [
    ...Object.values<Rule>(RULES).flatMap((rule) => {
      const why = lackOf(rule, facts);
      const used = Object.entries(rule.fields ?? {}).filter(([, isUsed]) => isUsed(spec));
      return why === undefined ? [] : used.map(([field]) => `${field}: ${why}`);
    }),
    ...NAMED.flatMap(({ field, names, known }) => {
      const all = known(facts);
      return [...new Set(names(spec))].flatMap((name) =>
        name === undefined || all.length === 0 || isListed(name, all)
          ? []
          : [`${field}: it has no ${name} (it has ${all.join(', ')})`],
      );
    }),
  ];
}
