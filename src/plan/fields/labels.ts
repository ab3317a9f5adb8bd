import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import { ANY, type Asked, type Wanted } from './field-row.ts';

/** Ours, and those by which the Compose command finds a container: none of them is of the spec. */
const OURS = /^(berth|com\.docker\.compose)\./;

/** Those of the image lie below those of the spec. */
export function labelsShown(value: ContainerSpec['labels'], { image_labels }: Asked): Wanted {
  return image_labels === undefined ? ANY : ownLabels({ ...image_labels, ...value });
}

/** Labels of a container without those that it has as one of ours. */
export function ownLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !OURS.test(name)));
}
