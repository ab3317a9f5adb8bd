import type { HealthCheck } from '../../../contracts/container-spec.ts';
import type { Json } from '../canonical.ts';
import type { ObservedHealthCheck } from '../observed.ts';
import { ANY, type Asked, type Wanted } from './field-row.ts';

/** Of what is left out the image’s own counts, piece by piece. */
export function healthShown(value: HealthCheck | undefined, { image }: Asked): Wanted {
  if (image === undefined) return ANY;
  const { test, ...times } = value ?? {};
  const all: ObservedHealthCheck = {
    ...image.health_check,
    ...given(times),
    ...(test !== undefined && { test: testWords(test) }),
  };
  return all.test === undefined ? null : healthJson(all);
}

/** As it is compared: without what is nothing. */
export function healthJson({ test = [], ...times }: ObservedHealthCheck): Json {
  return test[0] === 'NONE' ? { test: ['NONE'] } : { test, ...given(times) };
}

/** As the engine takes it: a text goes to the shell, a list that does not say how is run as it is. */
export function testWords(test: NonNullable<HealthCheck['test']>): readonly string[] {
  if (typeof test === 'string') return ['CMD-SHELL', test];
  return ['CMD', 'CMD-SHELL', 'NONE'].includes(test[0] ?? '') ? test : ['CMD', ...test];
}

function given(times: Readonly<Record<string, number | undefined>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(times).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}
