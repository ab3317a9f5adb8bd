import { createReadStream, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../../src/private-engine/run-command.ts';
import { rawEngine } from '../raw-engine.ts';

const POSTGRES_ENTRYPOINT = `#!/bin/sh
set -e
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
if [ "$1" = postgres ]; then
  data=/var/lib/postgresql/data
  mkdir -p "$data" /run/postgresql && chown -R postgres "$data" /run/postgresql && chmod 700 "$data"
  as() { setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/tmp "$@"; }
  if [ ! -s "$data/PG_VERSION" ]; then
    [ -n "$POSTGRES_PASSWORD" ] || { echo 'POSTGRES_PASSWORD is not set' >&2; exit 1; }
    echo "$POSTGRES_PASSWORD" > /tmp/password && chown postgres /tmp/password
    as "$bin/initdb" -D "$data" -E UTF8 --locale=C.UTF-8 --pwfile=/tmp/password --auth=scram-sha-256 >/dev/null
    rm /tmp/password
    echo 'host all all all scram-sha-256' >> "$data/pg_hba.conf"
    [ -z "$POSTGRES_DB" ] || echo "CREATE DATABASE \\"$POSTGRES_DB\\";" | as "$bin/postgres" --single -D "$data" postgres >/dev/null
  fi
  shift
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$bin/postgres" -D "$data" -c listen_addresses='*' "$@"
fi
exec "$@"
`;

/** Answers on 8080 whether postgres answers its greeting at the name given. */
const APP_SERVER = `#!/usr/bin/perl
use strict; use IO::Socket::INET;
my ($flag, $db) = @ARGV; my ($host, $port) = split /:/, $db;
my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 16, ReuseAddr => 1) or die "cannot listen: $!";
$| = 1; print "listening, database at $db\\n";
while (my $client = $server->accept) {
  while (my $line = <$client>) { last if $line =~ /^\\r?\\n$/ }
  my $answer = 'no answer';
  if (my $peer = IO::Socket::INET->new(PeerHost => $host, PeerPort => $port, Timeout => 3)) {
    print $peer pack('NN', 8, 80877103); my $said = ''; read($peer, $said, 1);
    $answer = 'ok' if $said eq 'N' or $said eq 'S'; close $peer;
  }
  print $client "HTTP/1.0 200 OK\\r\\nContent-Type: text/plain\\r\\n\\r\\n$db $answer\\n"; close $client;
}
`;

const IMAGES: readonly { readonly name: string; readonly changes: object }[] = [
  { name: 'redis:7', changes: { Cmd: ['redis-server', '--protected-mode', 'no'], WorkingDir: '/tmp' } },
  { name: 'postgres:16', changes: { Entrypoint: ['/entrypoint'], Cmd: ['postgres'] } },
  { name: 'nginx:latest', changes: { Cmd: ['nginx', '-g', 'daemon off;'] } },
  { name: 'myapp:latest', changes: { WorkingDir: '/app', Cmd: ['./server'] } },
];

/** A tar of a Debian root with redis, postgres and nginx in it; made once, which takes a minute or two. */
export async function serverImages(cache: string, say: (line: string) => void): Promise<string> {
  const tar = join(cache, 'servers-1.tar');
  if (existsSync(tar)) return tar;
  say(
    'Making images of real servers (redis, postgres, nginx) from this system’s packages; this is done once.',
  );
  await runCommand('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'debootstrap']);
  const root = join(cache, `servers-${process.pid}`);
  mkdirSync(root, { recursive: true });
  try {
    const targets = await runCommand('apt-get', [
      'indextargets',
      '--format',
      '$(CODENAME) $(COMPONENT) $(REPO_URI)',
      'Created-By: Packages',
    ]);
    const [codename = '', , mirror = ''] =
      targets
        .split('\n')
        .map((line) => line.split(' '))
        .find(([name, component]) => component === 'main' && name !== undefined && !name.includes('-')) ?? [];
    await runCommand(
      'debootstrap',
      ['--variant=minbase', '--include=redis-server,postgresql,nginx-light', codename, root, mirror],
      { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } },
    );
    for (const unneeded of [
      'var/cache/apt',
      'var/lib/apt/lists',
      'usr/share/doc',
      'usr/share/locale',
      'usr/share/man',
      'var/lib/postgresql',
    ])
      rmSync(join(root, unneeded), { recursive: true, force: true });
    mkdirSync(join(root, 'app'));
    writeFileSync(join(root, 'entrypoint'), POSTGRES_ENTRYPOINT, { mode: 0o755 });
    writeFileSync(join(root, 'app/server'), APP_SERVER, { mode: 0o755 });
    await runCommand('tar', [
      '-C',
      root,
      '--exclude=./proc/*',
      '--exclude=./sys/*',
      '--exclude=./dev/*',
      '-cf',
      `${tar}.part`,
      '.',
    ]);
    renameSync(`${tar}.part`, tar);
    return tar;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** One layer, four images: the names of the examples, each with its own command. */
export async function loadServers(socket: string, tar: string): Promise<void> {
  const engine = rawEngine(socket);
  await engine.upload(
    '/images/create?fromSrc=-&repo=berth-test/servers&tag=latest&changes=CMD%20%5B%22true%22%5D',
    createReadStream(tar),
  );
  const { body } = await engine.ask('POST', '/containers/create?name=berth-test-servers', {
    Image: 'berth-test/servers:latest',
  });
  const { Id } = body as { Id: string };
  for (const { name, changes } of IMAGES) {
    const [repo = '', tag = ''] = name.split(':');
    const { status } = await engine.ask('POST', `/commit?container=${Id}&repo=${repo}&tag=${tag}`, {
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      ...changes,
    });
    if (status !== 201) throw new Error(`${name} could not be made`);
  }
  await engine.ask('DELETE', `/containers/${Id}`);
}

export const isServerImage = (name: string): boolean => IMAGES.some((image) => image.name === name);
