import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aBerthFolder, type BerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

const MINUTES = 60_000;
const CONFIG = `
worker_processes 1;
pid /tmp/nginx.pid;
error_log stderr;
events {}
http {
  access_log /var/log/nginx/served.log;
  client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi;
  server { listen 80; location / { proxy_pass http://unix:/var/lib/uwsgi/socket/app.sock; } }
}
`;
/** Answers over the socket who it is, and what it sees of the volumes that it attaches. */
const SERVER = `use strict; use IO::Socket::UNIX; $| = 1;
my $path = '/var/lib/uwsgi/socket/app.sock'; unlink $path;
my $listening = IO::Socket::UNIX->new(Local => $path, Listen => 16) or die "cannot listen: $!";
chmod 0666, $path; # the folder is what guards it
while (my $client = $listening->accept) {
  while (my $line = <$client>) { last if $line =~ /^\\r?\\n$/ }
  my $said = "uid $>";
  for my $name ('uwsgi/socket', 'app/log', 'app/data') {
    my @seen = stat "/var/lib/$name";
    $said .= sprintf "\\n%s %d:%d %o %s", $name, @seen[4, 5], $seen[2] & 07777, (-w "/var/lib/$name") ? 'mine' : 'not mine';
  }
  print $client "HTTP/1.0 200 OK\\r\\nContent-Type: text/plain\\r\\n\\r\\n$said\\n"; close $client;
}
`;
let berth: BerthFolder;

beforeAll(async () => {
  await needImages('nginx:latest');
  berth = await aBerthFolder((await testEngine()).host);
}, 9 * MINUTES);

afterAll(() => berth?.[Symbol.asyncDispose](), 3 * MINUTES);

test('two servers share a socket by an alias, which its owner’s user and permissions guard from the start on', {
  timeout: 5 * MINUTES,
}, async () => {
  const engine = rawEngine((await testEngine()).socket_path);
  await makeAppImage();
  const example = new URL('../../registry/examples/map/_index.yaml', import.meta.url);
  await berth.write('main/_index.yaml', await readFile(example, 'utf8'));
  await berth.write('main/site/config/nginx/nginx.conf', CONFIG);
  await berth.write('main/site/config/app/app.pl', SERVER);
  await berth.up();
  for (const name of ['uwsgi', 'nginx'])
    await berth.until(name, ({ status }) => status === 'running', 3 * MINUTES);

  const answer = await eventually(async () => {
    const said = await ask();
    expect(said).toMatch(/^uid/);
    return said;
  });
  expect(answer.trim().split('\n')).toEqual([
    'uid 2000',
    'uwsgi/socket 2000:2000 750 mine',
    'app/log 2000:2000 750 mine',
    expect.stringMatching(/^app\/data 0:0 .* not mine$/),
  ]);

  const startOf = async (name: string): Promise<string> =>
    (await engine.container(name))?.State.StartedAt ?? '';
  expect(Date.parse(await startOf('uwsgi'))).toBeLessThanOrEqual(Date.parse(await startOf('nginx')));
  const mountsOf = async (name: string): Promise<readonly string[]> => {
    const { body } = await engine.ask('GET', `/containers/${name}/json`);
    const { Mounts } = body as { Mounts: { Destination: string; RW: boolean; Name?: string }[] };
    return Mounts.map(
      ({ Destination, RW, Name }) => `${Name ?? 'path'} ${Destination}${RW ? '' : ' ro'}`,
    ).toSorted();
  };
  expect(await mountsOf('nginx')).toEqual([
    'main.nginx_log /var/log/nginx',
    'main.uwsgi_socket /var/lib/uwsgi/socket',
    'path /etc/nginx ro',
  ]);
  expect(await mountsOf('uwsgi')).toEqual([
    'main.app_log /var/lib/app/log',
    'main.uwsgi_log /var/log/uwsgi',
    'main.uwsgi_socket /var/lib/uwsgi/socket',
    'path /etc/uwsgi ro',
    'path /var/lib/app/config ro',
    'path /var/lib/app/data',
  ]);

  /** The root of nginx’s image, with what starts the application. */
  async function makeAppImage(): Promise<void> {
    const made = await engine.ask('POST', '/containers/create?name=app-image', { Image: 'nginx:latest' });
    expect(made.status).toBe(201);
    const changes = encodeURIComponent('ENTRYPOINT []\nCMD ["perl", "/var/lib/app/config/app.pl"]');
    const commit = `/commit?container=app-image&repo=uwsgi&tag=latest&changes=${changes}`;
    expect((await engine.ask('POST', commit, {})).status).toBe(201);
    await engine.ask('DELETE', '/containers/app-image?force=1');
  }
});

/** A real request through the web server. */
function ask(): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port: 8088, path: '/', timeout: 5000 }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => {
        text += part.toString();
      });
      response.on('error', reject);
      response.on('end', () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(`${response.statusCode}: ${text}`)),
      );
    });
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', reject);
  });
}
