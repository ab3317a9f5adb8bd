import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ContainerView } from '../../contracts/container-view.ts';
import { containers } from '../../contracts/containers.ts';
import { networks } from '../../contracts/networks.ts';
import { type App, createApp } from '../../src/app.ts';
import { engineEnvironment } from '../../src/private-engine/engine-environment.ts';
import { runCommand } from '../../src/private-engine/run-command.ts';
import { readConfig } from '../../src/runtime/config.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually as within } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { theLab } from '../support/own-engine.ts';
import { rawEngine } from '../support/raw-engine.ts';

/** It has a shell, perl and openssl. */
const SERVERS = 'redis:7';
const SUBNET = '10.213.77.0/24';
const folders: Folder[] = [];
const made: [App, string][] = [];
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => within(check, 90_000);
const config = () => ({ ...readConfig(), probe_image: 'busybox:latest' });
let engine: ReturnType<typeof rawEngine>;
let app: App;
let far: App;
let relay: Server;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest', 'redis:7');
  folders.push(await aFolder(), await aFolder());
  app = await createApp({ engine: host, state: folders[0]?.path ?? '', config: config(), workers: 1 });
  // The same engine, as it is seen from another machine.
  const port = await freePort();
  relay = createServer({ allowHalfOpen: true }, (near) => {
    const there = connect({ path: socket_path, allowHalfOpen: true });
    for (const one of [near, there]) one.on('error', () => [near, there].map((both) => both.destroy()));
    near.pipe(there).pipe(near);
  }).listen(port, '127.0.0.1');
  const address = `tcp://127.0.0.1:${port}`;
  far = await createApp({ engine: address, state: folders[1]?.path ?? '', config: config() });
}, 180_000);
// What is looked at by exec and helpers is work for the engine: no more of it than each test needs.
afterEach(async () => {
  const all = made.splice(0);
  await Promise.all(all.map(([on, id]) => docker(on).delete({ id, wait: true, timeout: 0 })));
}, 120_000);
afterAll(async () => {
  await app.contract.open(networks).remove({ network: 'reach-net' });
  await app.close();
  await far.close();
  relay.close();
  for (const folder of folders) await folder[Symbol.asyncDispose]();
}, 120_000);

const docker = (on = app) => on.contract.open(containers);
const make = async (name: string, spec: object, on = app): Promise<string> => {
  const { id } = await docker(on).create({ image: 'busybox:latest', name, stop_timeout: 0, ...spec });
  made.push([on, id]);
  return id;
};
const until = (id: string, expected: object, on = app): Promise<ContainerView> =>
  eventually(async () => {
    const view = await docker(on).get({ id });
    expect(view, JSON.stringify(view.probes)).toMatchObject(expected);
    return view;
  });
const quick = { interval: 0.5, timeout: 5, failures: 2 };
const WELL = { status: 'running', ready: true, health: 'healthy' };
/** Name of its helper, whether there is one or not. */
const helperOf = async (name: string): Promise<string> =>
  `berth-probe-${(await engine.container(name))?.Id.slice(0, 12)}`;
const hasHelper = async (name: string): Promise<boolean> =>
  (await engine.names()).includes(await helperOf(name));
const commandsIn = async (name: string): Promise<readonly string[]> => {
  const { body } = await engine.ask('GET', `/containers/${name}/top?ps_args=-eo%20pid,args`);
  return (body as { readonly Processes: readonly (readonly string[])[] }).Processes.map(
    (row) => row[1] ?? '',
  );
};
const httpd = (port: number) => ({ command: ['httpd', '-f', '-p', `${port}`, '-h', '/etc'] });
const bothAt = (port: number) => ({
  ready: { http: { port, path: '/passwd' }, ...quick },
  live: { tcp: { port }, ...quick },
});

test('a certificate is not checked, the name asked for is told, and a helper carries TLS, too', async () => {
  const command = `
cd /tmp && openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -days 1 -subj /CN=self 2> /dev/null
exec openssl s_server -quiet -accept 8443 -www -key key -cert cert -key2 key -cert2 cert -servername shop.example -servername_fatal`;
  const asking = (headers: object) => ({ http: { port: 8443, scheme: 'https', headers }, ...quick });
  const spec = { image: SERVERS, command: ['sh', '-c', command] };
  const near = await make('reach-tls', {
    ...spec,
    probes: {
      startup: asking({ Host: 'shop.example' }),
      ready: asking({}),
      live: asking({ Host: 'other.example:8443' }),
    },
  });
  const alone = await make('reach-tls-alone', {
    ...spec,
    network_mode: 'none',
    probes: {
      ready: asking({ Host: 'shop.example' }),
      live: { http: { port: 8443 }, ...quick },
    },
  });
  const view = await until(near, {
    health: 'unhealthy',
    probes: { startup: { verdict: 'good' }, ready: { verdict: 'good' }, live: { verdict: 'failed' } },
  });
  expect(view.probes?.startup?.output).toMatch(/^HTTP 200\n/);
  expect(view.probes?.live?.output).toMatch(/name/);
  expect(await hasHelper('reach-tls')).toBe(false);
  // Plain words to a port that speaks TLS are no answer.
  await until(alone, { probes: { ready: { verdict: 'good' }, live: { verdict: 'failed' } } });
  expect(await hasHelper('reach-tls-alone')).toBe(true);
});

test('what exec begins is ended in the container when its time is over, all of it', async () => {
  const command = 'echo >> /tmp/looks; test -e /tmp/fine || { setsid sleep 1233 & sleep 1234 & sleep 1235; }';
  const id = await make('reach-exec', {
    command: 'sleep 600',
    probes: { live: { exec: { command: ['sh', '-c', command] }, interval: 0.3, timeout: 0.5, failures: 2 } },
  });
  const view = await until(id, { health: 'unhealthy' });
  expect(view.probes?.live).toMatchObject({ ok: false, output: 'no answer within 0.5 s' });
  const inside = (words: string) => docker().exec({ id, command: ['sh', '-c', words], timeout: 30 });
  await eventually(async () => expect((await inside('test $(wc -l < /tmp/looks) -ge 5')).exit_code).toBe(0));
  await inside('touch /tmp/fine');
  await until(id, { health: 'healthy' });
  expect((await commandsIn('reach-exec')).filter((one) => one.includes('sleep 123'))).toEqual([]);
});

test('the machine’s network and another’s are reached without a helper', async () => {
  const [port, nobody] = [await freePort(), await freePort()];
  const host = await make('reach-host', { ...httpd(port), network_mode: 'host', probes: bothAt(port) });
  const lone = await make('reach-host-lone', {
    command: 'sleep 600',
    network_mode: 'host',
    probes: { live: { tcp: { port: nobody }, ...quick } },
  });
  const owner = await make('reach-owner', { command: 'sleep 600' });
  await until(owner, { status: 'running' });
  const guest = await make('reach-guest', {
    ...httpd(8081),
    network_mode: 'container:reach-owner',
    probes: bothAt(8081),
  });
  await until(host, WELL);
  await until(guest, WELL);
  expect((await until(lone, { health: 'unhealthy' })).probes?.live?.output).toMatch(/ECONNREFUSED/);
  for (const name of ['reach-host', 'reach-host-lone', 'reach-owner', 'reach-guest'])
    expect([name, await hasHelper(name)]).toEqual([name, false]);
});

test('an engine on another machine is reached by the published port there, and by a helper where nothing is published', async () => {
  const [port, empty] = [await freePort(), await freePort()];
  const open = await make(
    'reach-published',
    { ...httpd(8080), ports: [{ host: port, container: 8080 }], probes: bothAt(8080) },
    far,
  );
  const deaf = await make(
    'reach-deaf',
    {
      command: 'sleep 600',
      ports: [{ host: empty, container: 8080 }],
      probes: { live: { tcp: { port: 8080 }, ...quick } },
    },
    far,
  );
  const shut = await make('reach-shut', { ...httpd(8080), probes: bothAt(8080) }, far);
  await until(open, WELL, far);
  await until(shut, WELL, far);
  await until(deaf, { health: 'unhealthy' }, far);
  expect(await hasHelper('reach-published')).toBe(false);
  expect(await hasHelper('reach-shut')).toBe(true);
});

test('an address that is blocked, from the first or later, is looked at by a helper', {
  timeout: 400_000,
}, async () => {
  const { installed } = await theLab();
  const env = engineEnvironment(installed, process.env);
  const rule = (how: '-I' | '-D', to: string, ...target: readonly string[]): Promise<string> =>
    runCommand(join(installed.bin, 'iptables'), [how, 'OUTPUT', '-d', to, '-p', 'tcp', '-j', ...target], {
      env,
    });
  await app.contract.open(networks).create({ name: 'reach-net', ipam: { config: [{ subnet: SUBNET }] } });
  await rule('-I', SUBNET, 'DROP');
  try {
    const dark = await make('reach-dark', { ...httpd(8080), network: 'reach-net', probes: bothAt(8080) });
    await until(dark, WELL);
    expect(await hasHelper('reach-dark')).toBe(true);
  } finally {
    await rule('-D', SUBNET, 'DROP');
  }
  const seen = await make('reach-seen', { ...httpd(8080), network: 'reach-net', probes: bothAt(8080) });
  await until(seen, WELL);
  expect(await hasHelper('reach-seen')).toBe(false);
  const how = ['REJECT', '--reject-with', 'icmp-host-unreachable'];
  await rule('-I', SUBNET, ...how);
  try {
    await eventually(async () => expect(await hasHelper('reach-seen')).toBe(true));
    await until(seen, WELL);
  } finally {
    await rule('-D', SUBNET, ...how);
  }
});

test('redirects are answers, headers are sent, and neither a slow body nor a huge one costs more than its beginning', {
  timeout: 400_000,
}, async () => {
  const script = `
mkdir -p /www/cgi-bin && cd /www/cgi-bin
printf '#!/bin/sh\\nprintf "Status: 302 Found\\\\r\\\\nLocation: http://192.0.2.1/\\\\r\\\\n\\\\r\\\\n"\\n' > moved
printf '#!/bin/sh\\ntest "$HTTP_X_TOKEN" = open && s="204 Yes" || s="403 No"\\nprintf "Status: $s\\\\r\\\\n\\\\r\\\\n"\\n' > asked
printf '#!/bin/sh\\nprintf "Content-type: text/plain\\\\r\\\\n\\\\r\\\\n"\\nwhile echo drip; do sleep 1; done\\n' > drips
chmod +x *
dd if=/dev/zero of=/www/huge bs=1M seek=2048 count=0 2> /dev/null
exec httpd -f -vv -p 8080 -h /www`;
  const at = (path: string, more: object = {}) => ({ http: { port: 8080, path, ...more }, ...quick });
  const cgi = (name: string, probes: object, more: object = {}) =>
    make(name, { command: ['sh', '-c', script], probes, ...more });
  const [moved, asked, huge, alone] = await Promise.all([
    cgi('reach-moved', {
      startup: at('/cgi-bin/moved'),
      ready: at('/cgi-bin/moved', { status: 302 }),
      live: at('/cgi-bin/moved', { status: 200 }),
    }),
    cgi('reach-asked', {
      startup: at('/cgi-bin/asked', { headers: { 'X-Token': 'open' } }),
      ready: at('/cgi-bin/drips'),
      live: at('/cgi-bin/asked', { headers: { 'X-Token': 'shut' } }),
    }),
    cgi('reach-huge', { ready: at('/huge'), live: at('/huge') }),
    cgi('reach-huge-alone', { ready: at('/huge'), live: at('/cgi-bin/drips') }, { network_mode: 'none' }),
  ]);
  const verdicts = { startup: { verdict: 'good' }, ready: { verdict: 'good' }, live: { verdict: 'failed' } };
  await until(moved, { probes: verdicts });
  const view = await until(asked, { probes: verdicts });
  expect(view.probes?.live?.output).toBe('HTTP 403');
  expect(view.probes?.ready?.output).toMatch(/^HTTP 200\ndrip\n/);
  const [pid = 0] = app.worker_pids();
  await until(huge, WELL);
  await until(alone, WELL);
  // The most that it ever had begins anew.
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const before = mostMemory(pid);
  const looks = async (id: string): Promise<number> =>
    (await app.house.journal.lines(id, { limit: 1000 })).lines.filter(({ line }) => line.includes('/huge'))
      .length;
  for (const id of [huge, alone]) {
    const seen = await looks(id);
    await eventually(async () => expect(await looks(id)).toBeGreaterThanOrEqual(seen + 10));
    const { probes } = await until(id, WELL);
    expect(Buffer.byteLength(probes?.ready?.output ?? '')).toBeLessThanOrEqual(4096);
  }
  expect(mostMemory(pid) - before).toBeLessThan(200e6);
  // What was begun for a look lives no longer than its timeout: four processes, of two probes each half a second, for five.
  expect((await commandsIn(await helperOf('reach-huge-alone'))).length).toBeLessThan(2 * 4 * 10 + 4);
});

test('a pattern that would take others for ever holds up nobody', async () => {
  const script = `
long=$(head -c 16000 /dev/zero | tr '\\0' a)
i=0; while test $i -lt 500; do echo "\${long}!"; i=$((i+1)); done
echo aaaa; sleep 600`;
  const id = await make('reach-log', {
    command: ['sh', '-c', script],
    probes: {
      ready: { log: { pattern: '^(a+)+$' }, ...quick },
      live: { exec: { command: ['true'] }, ...quick },
    },
  });
  const view = await until(id, WELL);
  expect(view.probes?.ready?.output).toBe('aaaa');
});

/** Bytes. */
function mostMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
