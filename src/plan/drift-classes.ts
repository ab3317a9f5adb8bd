/** What is done about a container that is found otherwise: nothing, what needs no other container, or another one. */
export type DriftAction = 'none' | 'update' | 'rename' | 'join' | 'start' | 'recreate';

/**
 * Each way in which a container that was as it should be can be found otherwise, and what is done about it and nothing else.
 * `test/scenarios/drift-classes.full.test.ts` provokes every one of them.
 */
export const DRIFT_CLASSES = {
  /** There is none any more. */
  removed: 'recreate',
  /** The engine could not remove it cleanly, or is about to. */
  dead: 'recreate',
  /** It ran, and what it runs is not in it any more: no start will do. */
  cannot_start: 'recreate',
  /** Its label says that it was made from another spec. */
  spec: 'recreate',
  /** Its label says that its image was built from something else. */
  build: 'recreate',
  /** The id of its image is not the one that its reference names now. */
  image: 'recreate',
  /** It shares namespaces with a container that is another one by now. */
  namespace: 'recreate',
  /** It is linked to a container that is another one by now. */
  link: 'recreate',
  /** It has the volumes of a container that has others by now. */
  shared_volumes: 'recreate',
  /** A named volume that it mounts is not there any more. */
  volume: 'recreate',
  /** The engine shows a setting otherwise than the spec says: env, command, mounts, ports, user, labels, health check … */
  settings: 'recreate',
  /** It has a limit that its spec does not have, and that the engine does not take off. */
  extra_limit: 'recreate',
  /** A limit or its restart policy is another one. */
  limits: 'update',
  /** It is not on a network of its spec. */
  off_network: 'join',
  /** A network that it is on was made anew under its name. */
  new_network: 'join',
  /** It lacks a name on a network. */
  alias: 'join',
  /** It is not on a network that a call had it join. */
  connection: 'join',
  /** It has another name. */
  renamed: 'rename',
  /** It does not run, and no policy of its own allows that. */
  stopped: 'start',
  /** Somebody holds it: it goes on when they say so. */
  paused: 'none',
  /** What it depends on was made anew: only `restart: true` makes that its own business. */
  dependency: 'none',
  /** A member of a group keeps its image, whatever its tag means by now, until the group is updated. */
  image_of_member: 'none',
} as const satisfies Readonly<Record<string, DriftAction>>;

export type DriftClass = keyof typeof DRIFT_CLASSES;

/** The classes that end in an action. */
export type ClassOf<A extends DriftAction> = {
  [C in DriftClass]: (typeof DRIFT_CLASSES)[C] extends A ? C : never;
}[DriftClass];
