/** A group of which each release is other than the one before in all that a deploy can change. */
export const GROUP = 'gkill';
export const IMAGE = '127.0.0.1:5000/gkill/app';
/** It ends at once when its file or its volume was not ready before it. */
const SERVE = '[ "$(cat /etc/version)$(stat -c %a /data)" = "$VERSION"770 ] && exec sleep 3600';
const sideOf = (version: number): string => (version % 2 === 0 ? 'even' : 'odd');
export const imageOf = (version: number): string => `${IMAGE}:${sideOf(version)}`;
const networkOf = (version: number): string => `gkill_${sideOf(version)}`;
export const volumeOf = (version: number): string => `gkill_data_${sideOf(version)}`;
const memoryOf = (version: number): number => (64 + version) * 1_048_576;
const countsOf = (version: number) => (version % 2 === 0 ? { up: 2, down: 1 } : { up: 1, down: 2 });

/** A pull, a volume that is prepared, a file and another network; a build; limits; one container more and one less. */
export function servicesOf(version: number) {
  const { up: more, down } = countsOf(version);
  const dockerfile = `FROM busybox:latest\nENV VERSION=${version}\nCMD ["sleep", "3600"]\n`;
  return {
    web: {
      image: imageOf(version),
      command: ['sh', '-c', SERVE],
      env: { VERSION: `${version}` },
      volumes: [{ name: volumeOf(version), container: '/data', permissions: '0770' }],
      files: [{ target: '/etc/version', content: `${version}` }],
      networks: { [GROUP]: {}, [networkOf(version)]: {} },
    },
    made: { build: { dockerfile } },
    limited: { memory_limit: memoryOf(version) },
    up: { replicas: more },
    down: { replicas: down },
  };
}
/** It proves to be no good, after all that it needs was made. */
export const BROKEN = { command: ['sh', '-c', 'sleep 0.1; exit 3'], restart_policy: 'no' };

/** What it has when the group is at that release, whole. */
export function wholeAt(at: number): unknown {
  const { up: more, down } = countsOf(at);
  const plain = (name: string, memory = 0) =>
    [`${GROUP}-${name}`, 'running', 'busybox:latest', undefined, memory, [GROUP], []] as const;
  const env = `VERSION=${at}`;
  const networks = [GROUP, networkOf(at)];
  const web = [1, 2].map((number) => [
    ...[`${GROUP}-web-${number}`, 'running', imageOf(at), env, 0, networks, [volumeOf(at)]],
  ]);
  const made = [`${GROUP}-made`, 'running', 'gkill/made:latest', env, 0, [GROUP], []];
  const replicas = (name: string, count: number) =>
    Array.from({ length: count }, (_, index) => plain(`${name}-${index + 1}`));
  const members = [
    ...replicas('down', down),
    ...[plain('idle'), plain('limited', memoryOf(at)), made],
    ...[...replicas('up', more), ...web],
  ];
  return { networks, members };
}
