import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownPackages } from '../../../src/private-engine/packages.ts';
import { runCommand } from '../../../src/private-engine/run-command.ts';
import { requireSystem } from '../../../src/private-engine/system.ts';

/** As the image of that name does it: nobody asks for a password from outside. */
const REDIS_ENTRYPOINT = `#!/bin/sh
set -e
[ "$1" != redis-server ] || set -- "$@" --protected-mode no
exec "$@"
`;

/** As the image of that name does it: the bare word \`postgres\` makes the database on the first start, from POSTGRES_PASSWORD and POSTGRES_DB. */
const POSTGRES_ENTRYPOINT = `#!/bin/sh
set -e
as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/tmp "$@"; }
if [ "$1" = postgres ]; then
  mkdir -p "$PGDATA" /run/postgresql
  chown -R postgres "$PGDATA" /run/postgresql
  chmod 700 "$PGDATA"
  if [ ! -s "$PGDATA/PG_VERSION" ]; then
    [ -n "$POSTGRES_PASSWORD" ] || { echo 'Error: Database is uninitialized and POSTGRES_PASSWORD is not set.' >&2; exit 1; }
    printf '%s\\n' "$POSTGRES_PASSWORD" > /tmp/password
    chown postgres /tmp/password
    as_postgres initdb -D "$PGDATA" -U "\${POSTGRES_USER:-postgres}" -E UTF8 --locale=C.UTF-8 --pwfile=/tmp/password --auth-host=scram-sha-256
    rm /tmp/password
    echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
    if [ -n "$POSTGRES_DB" ]; then
      echo "CREATE DATABASE \\"$POSTGRES_DB\\";" | as_postgres postgres --single -D "$PGDATA" postgres
    fi
  fi
  shift
  exec setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/tmp \\
    postgres -D "$PGDATA" -c listen_addresses='*' "$@"
fi
exec "$@"
`;

const UNNEEDED = [
  'var/cache/apt',
  'var/lib/apt/lists',
  'var/lib/postgresql',
  'var/log/nginx/access.log',
  'var/log/nginx/error.log',
  'usr/share/doc',
  'usr/share/locale',
  'usr/share/man',
];

/** Where the system’s release keeps the programs of postgres. */
export const POSTGRES_PATH = '/usr/local/postgres';

/** Write a tar of a root file system with redis, postgres and nginx from this system’s packages. It takes a minute or two. */
export async function makeServerRoot(folder: string, tar: string): Promise<void> {
  const system = requireSystem();
  const { words, mirror } = await ownPackages(join(folder, 'apt'), system);
  await runCommand(
    'apt-get',
    [...words, 'install', '-y', '-q', '--no-install-recommends', 'debootstrap', 'ca-certificates'],
    { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } },
  );
  const root = join(folder, 'root');
  mkdirSync(root, { recursive: true });
  await runCommand(
    'debootstrap',
    [
      '--variant=minbase',
      '--include=redis-server,postgresql,nginx-light',
      `--components=${system.id === 'ubuntu' ? 'main,universe' : 'main'}`,
      system.codename,
      root,
      mirror,
    ],
    { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } },
  );
  for (const name of UNNEEDED) rmSync(join(root, name), { recursive: true, force: true });
  symlinkSync('/dev/stdout', join(root, 'var/log/nginx/access.log'));
  symlinkSync('/dev/stderr', join(root, 'var/log/nginx/error.log'));
  for (const version of readdirSync(join(root, 'usr/lib/postgresql')))
    symlinkSync(`/usr/lib/postgresql/${version}/bin`, join(root, POSTGRES_PATH));
  writeFileSync(join(root, 'usr/local/bin/redis-entrypoint'), REDIS_ENTRYPOINT, { mode: 0o755 });
  writeFileSync(join(root, 'usr/local/bin/postgres-entrypoint'), POSTGRES_ENTRYPOINT, { mode: 0o755 });
  const left = ['proc', 'sys', 'dev'].map((name) => `--exclude=./${name}/*`);
  await runCommand('tar', ['-C', root, '--numeric-owner', ...left, '-cf', tar, '.']);
}
