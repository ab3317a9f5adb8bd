import { expect, test } from 'vitest';
import { formatPlan } from '../../src/plan/format-plan.ts';
import { planContainer } from '../../src/plan/plan-container.ts';
import { aContainer, aDesired, aNetwork, anObserved } from '../support/plan-builders.ts';

const connections = [{ network: 'side', aliases: ['cache'], ipv4_address: '10.7.0.9' }];
const side = (ownership: 'ours' | 'foreign' = 'ours', id = 'n1') => ({
  connections: new Map([['side', { seen: aNetwork('side', { id }), ownership }]]),
});
const attached = (network_id: string) => [{ network: 'side', network_id, aliases: ['cache'] }];

test('what a call had it join is joined by a new container before it starts', () => {
  const plan = planContainer(aDesired({ connections }), { ...anObserved(), ...side() });
  expect(formatPlan(plan)).toMatch(/create_container .*\nconnect_network .* ↔ side .*\nstart_container /);
});

test('it is joined again when it was lost or its network was made anew, and left alone otherwise', () => {
  const seen = (networks = attached('n1')) => ({
    ...anObserved({ container: aContainer({ networks }) }),
    ...side(),
  });
  const desired = aDesired({ connections });
  expect(planContainer(desired, seen())).toEqual({ kind: 'steps', steps: [] });
  expect(formatPlan(planContainer(desired, seen([])))).toMatch(/^connect_network .* ↔ side/);
  expect(formatPlan(planContainer(desired, seen(attached('n0'))))).toMatch(
    /^disconnect_network .* ↔ side .*\nconnect_network .* ↔ side/,
  );
});

test('a network that went, or is somebody else’s now, stands in no container’s way', () => {
  const desired = aDesired({ connections });
  const observed = anObserved({ container: aContainer() });
  expect(planContainer(desired, observed)).toEqual({ kind: 'steps', steps: [] });
  expect(planContainer(desired, { ...observed, ...side('foreign') })).toEqual({ kind: 'steps', steps: [] });
  const external = aDesired({ connections: connections.map((one) => ({ ...one, external: true })) });
  expect(formatPlan(planContainer(external, { ...observed, ...side('foreign') }))).toMatch(
    /^connect_network/,
  );
});
