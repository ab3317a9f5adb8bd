import { expect, test } from 'vitest';
import type { ObservedContainer } from '../../../src/plan/observed.ts';
import { type EnginePlace, enginePlace, type Way, waysTo } from '../../../src/plan/probes/reach.ts';
import { aContainer } from '../../support/plan-builders.ts';

const LOCAL: EnginePlace = { kind: 'local' };
const REMOTE: EnginePlace = { kind: 'remote', host: 'box.test' };

const attached = (...ips: readonly (string | undefined)[]): Partial<ObservedContainer> => ({
  network_mode: 'net',
  networks: ips.map((ip, index) => ({
    network: `net${index}`,
    network_id: `n${index}`,
    aliases: [],
    ...(ip !== undefined && { ip }),
  })),
});
const publishing = (host_ip: string, host: number, container = 80): Partial<ObservedContainer> => ({
  ports: [
    { host_ip, host, container, protocol: 'tcp' },
    { host_ip, host, container, protocol: 'udp' },
  ],
});
const text = (way: Way): string =>
  `${way.kind} ${way.host}:${way.port}${way.kind === 'direct' && way.relayed ? ' relayed' : ''}`;
const ways = (place: EnginePlace, ...given: readonly Partial<ObservedContainer>[]): readonly string[] =>
  waysTo(place, aContainer(Object.assign({ ports: [], networks: [] }, ...given)), 80).map(text);

test('an engine of this machine is known by its socket, another one by its name', () => {
  expect(enginePlace(undefined)).toEqual(LOCAL);
  expect(enginePlace('unix:///var/run/docker.sock')).toEqual(LOCAL);
  expect(enginePlace('memory:///tmp/m.sock')).toEqual(LOCAL);
  expect(enginePlace('tcp://box.test:2376')).toEqual(REMOTE);
  expect(enginePlace('ssh://me@box.test:22/run/docker.sock')).toEqual(REMOTE);
  expect(enginePlace('https://[fd00::1]:2376')).toEqual({ kind: 'remote', host: 'fd00::1' });
});

test('here its own addresses come first, then what is published, then the helper at its address', () => {
  expect(ways(LOCAL, attached('172.17.0.2'))).toEqual(['direct 172.17.0.2:80', 'helper 172.17.0.2:80']);
  expect(ways(LOCAL, attached('172.17.0.2', '172.18.0.2'), publishing('0.0.0.0', 8080))).toEqual([
    'direct 172.17.0.2:80',
    'direct 172.18.0.2:80',
    'direct 127.0.0.1:8080 relayed',
    'helper 172.17.0.2:80',
  ]);
  expect(ways(LOCAL, attached(), publishing('127.0.0.1', 8080))).toEqual([
    'direct 127.0.0.1:8080 relayed',
    'helper 127.0.0.1:80',
  ]);
});

test('of a remote engine no address is dialled, only what it publishes where it can be reached', () => {
  expect(ways(REMOTE, attached('172.17.0.2'))).toEqual(['helper 172.17.0.2:80']);
  expect(ways(REMOTE, attached('172.17.0.2'), publishing('0.0.0.0', 8080))).toEqual([
    'direct box.test:8080 relayed',
    'helper 172.17.0.2:80',
  ]);
  expect(ways(REMOTE, attached('172.17.0.2'), publishing('10.0.0.7', 8080))[0]).toBe(
    'direct 10.0.0.7:8080 relayed',
  );
  expect(ways(REMOTE, attached('172.17.0.2'), publishing('127.0.0.1', 8080))).toEqual([
    'helper 172.17.0.2:80',
  ]);
  expect(ways(REMOTE, attached('172.17.0.2'), publishing('0.0.0.0', 8080, 81))).toEqual([
    'helper 172.17.0.2:80',
  ]);
});

test('in the machine’s own network it is this machine, or the engine’s', () => {
  expect(ways(LOCAL, { network_mode: 'host' })).toEqual(['direct 127.0.0.1:80', 'helper 127.0.0.1:80']);
  expect(ways(REMOTE, { network_mode: 'host' })).toEqual([
    'direct box.test:80 relayed',
    'helper 127.0.0.1:80',
  ]);
});

test('without any network there is the helper alone', () => {
  expect(ways(LOCAL, { network_mode: 'none' }, attached(undefined))).toEqual(['helper 127.0.0.1:80']);
});
