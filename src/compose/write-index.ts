import { Document, isMap, isScalar, isSeq, visit } from 'yaml';
import { REFERENCE } from './entries/taking.ts';
import type { ComposeEntries, ComposeEntry } from './to-entries.ts';

/** What people look for first. */
const FIRST = ['name', 'kind', 'meta', 'group', 'container_name', 'replicas', 'image', 'build', 'command'];
const PLAIN = /^[a-z0-9_.:/-]+$/i;

/** The text of an `_index.yaml` with these entries; what was written above a service in the Compose file stands above its entry. */
export function writeIndex({ entries, project }: ComposeEntries, from: readonly string[]): string {
  const document = new Document({
    version: '1.0',
    ...(/^[a-z]/.test(project) && { namespace: project }),
    entries: entries.map(({ entry }) => ordered(entry)),
  });
  document.commentBefore = ` From ${from.join(' and ')}, by \`berth import\`.`;
  const list = document.get('entries', true);
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === 'string')
        node.value = node.value.replaceAll('$', '$$$$').replaceAll(REFERENCE, '$');
    },
    Seq: (_key, node) => {
      if (node.items.length > 0 && node.items.length <= 6 && node.items.every(isShort)) node.flow = true;
    },
    // Short things on one line, as people write them.
    Map: (_key, node) => {
      if (node.items.length > 0 && node.items.length <= 3 && node.items.every(({ value }) => isShort(value)))
        node.flow = true;
    },
  });
  if (isSeq(list))
    for (const [index, item] of list.items.entries()) if (isMap(item)) dress(item, entries[index], index);
  return document.toString({ lineWidth: 110, flowCollectionPadding: true });
}

function dress(
  item: {
    flow?: boolean | undefined;
    commentBefore?: string | null | undefined;
    spaceBefore?: boolean | undefined;
  },
  made: ComposeEntry | undefined,
  index: number,
): void {
  item.flow = false;
  item.spaceBefore = index > 0;
  if (made?.place.comment !== undefined) item.commentBefore = made.place.comment;
}

function isShort(value: unknown): boolean {
  return (
    isScalar(value) &&
    (typeof value.value !== 'string' || (value.value.length < 30 && PLAIN.test(value.value)))
  );
}

function ordered(entry: ComposeEntry['entry']): object {
  const first = FIRST.flatMap((key) => (entry[key] === undefined ? [] : [[key, entry[key]] as const]));
  const rest = Object.entries(entry).filter(([key]) => !FIRST.includes(key));
  return Object.fromEntries([...first, ...rest]);
}
