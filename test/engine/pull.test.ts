import { expect, test } from 'vitest';
import { type ContractError, isContractError } from '../../contracts/contract-error.ts';
import type { PullProgress } from '../../src/engine/port/image-calls.ts';
import { eventually } from '../support/eventually.ts';
import { aFakeDaemon, chunks, json, type Reply, silence } from '../support/fake-daemon.ts';

const inspect = json({ Id: `sha256:${'a'.repeat(64)}`, RepoTags: ['app:1'], Size: 1, Os: 'linux' });
const lines = (...values: readonly object[]): string[] => values.map((value) => `${JSON.stringify(value)}\n`);
const pulling = (reply: Reply) =>
  aFakeDaemon({ 'POST /images/create': reply, 'GET /images/app:1/json': inspect });

test.each([
  ['manifest for app:1 not found: manifest unknown: manifest unknown', 'image_not_found'],
  ["pull access denied for app, repository does not exist or may require 'docker login'", 'image_not_found'],
  ['no matching manifest for linux/amd64 in the manifest list entries', 'image_not_found'],
  ['unauthorized: authentication required', 'image_denied'],
  ['Get "https://r/v2/": no basic auth credentials', 'image_denied'],
  ['denied: requested access to the resource is denied', 'image_denied'],
  ['toomanyrequests: You have reached your pull rate limit', 'image_rate_limited'],
  ['Get "https://r/v2/": dial tcp: lookup r: no such host', 'image_registry_unreachable'],
  ['Get "http://r:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused', 'image_registry_unreachable'],
  ['Get "https://r/v2/": x509: certificate signed by unknown authority', 'image_registry_unreachable'],
  ['net/http: TLS handshake timeout', 'image_registry_unreachable'],
  ['failed to register layer: write /x: no space left on device', 'no_space'],
  ['filesystem layer verification failed for digest sha256:12', 'image_pull_failed'],
] as const)('«%s» is %s, whether it comes in the stream or as the answer', async (message, code) => {
  const streamed = chunks(
    [...lines({ status: 'Pulling from app' }), JSON.stringify({ errorDetail: { message }, error: message })],
    'end',
  );
  for (const reply of [streamed, json({ message }, 404), json({ message }, 500)]) {
    await using daemon = await pulling(reply);
    const pull = daemon.engine().images.pull('app:1', {});
    await expect(pull).rejects.toSatisfy((error) => isContractError(error, code));
    await expect(pull).rejects.toThrow(message);
  }
});

test('the words of the image’s own name are no reason', async () => {
  const message = 'something about registry.test/denied/eof-timeout:toomanyrequests';
  await using daemon = await aFakeDaemon({ 'POST /images/create': json({ message }, 500) });
  const pull = daemon.engine().images.pull('registry.test/denied/eof-timeout:toomanyrequests', {});
  await expect(pull).rejects.toSatisfy((error) => isContractError(error, 'image_pull_failed'));
});

test('bytes are summed over the layers, each downloaded byte once', async () => {
  const detail = (id: string, status: string, current: number, total: number) => ({
    id,
    status,
    progressDetail: { current, total },
  });
  await using daemon = await pulling(
    chunks(
      lines(
        { status: 'Pulling from app', id: '1' },
        { id: 'a', status: 'Pulling fs layer', progressDetail: {} },
        detail('a', 'Downloading', 10, 100),
        detail('b', 'Downloading', 50, 1000),
        detail('a', 'Downloading', 90, 100),
        { id: 'a', status: 'Download complete', progressDetail: {} },
        detail('a', 'Extracting', 5, 100),
        { id: 'b', status: 'Pull complete', progressDetail: {} },
      ),
      'end',
    ),
  );
  const told: PullProgress[] = [];
  await daemon.engine().images.pull('app:1', { onProgress: (progress) => told.push(progress) });
  expect(told.map(({ phase, layer, current, total }) => [phase, layer, current, total])).toEqual([
    ['Pulling from app', '1', 0, 0],
    ['Pulling fs layer', 'a', 0, 0],
    ['Downloading', 'a', 10, 100],
    ['Downloading', 'b', 60, 1100],
    ['Downloading', 'a', 140, 1100],
    ['Download complete', 'a', 150, 1100],
    ['Extracting', 'a', 150, 1100],
    ['Pull complete', 'b', 1100, 1100],
  ]);
});

test('a pull that says the same again and again is image_stalled, and its socket is closed', async () => {
  const again = JSON.stringify({ id: 'a', status: 'Downloading', progressDetail: { current: 1, total: 9 } });
  await using daemon = await pulling((response) => {
    const timer = setInterval(() => response.write(`${again}\n`), 20);
    response.on('close', () => clearInterval(timer));
  });
  const pull = daemon.engine().images.pull('app:1', { stall_ms: 300 });
  await expect(pull).rejects.toSatisfy((error) => isContractError(error, 'image_stalled'));
  await eventually(() => expect(daemon.connections.size).toBeLessThanOrEqual(1));
});

test('unpacking may say nothing for longer, even while another layer has the last word', async () => {
  await using daemon = await pulling((response) => {
    response.write(
      lines(
        { id: 'a', status: 'Extracting', progressDetail: { current: 1, total: 9 } },
        { id: 'b', status: 'Download complete' },
      ).join(''),
    );
    setTimeout(() => response.end(), 900);
  });
  await daemon.engine().images.pull('app:1', { stall_ms: 300 });
});

test('a pull without a first word is image_stalled too', async () => {
  await using daemon = await pulling(silence);
  const pull = daemon.engine().images.pull('app:1', { stall_ms: 100 });
  await expect(pull).rejects.toSatisfy((error) => isContractError(error, 'image_stalled'));
});

test('a pull cut off is engine_unreachable, an aborted one aborted', async () => {
  await using cut = await pulling(chunks(lines({ status: 'Pulling' }), 'break'));
  await expect(cut.engine().images.pull('app:1', {})).rejects.toSatisfy((error) =>
    isContractError(error, 'engine_unreachable'),
  );
  await using daemon = await pulling(chunks(lines({ status: 'Pulling' }), 'stay'));
  const caller = new AbortController();
  const pull = daemon.engine().images.pull('app:1', { onProgress: () => caller.abort() }, caller.signal);
  await expect(pull).rejects.toSatisfy((error) => isContractError(error, 'aborted'));
});

test('a pull that ends well without the image being there is image_pull_failed', async () => {
  await using daemon = await aFakeDaemon({
    'POST /images/create': chunks(lines({ status: 'Pulling' }), 'end'),
    'GET /images/app:1/json': json({ message: 'no such image' }, 404),
  });
  await expect(daemon.engine().images.pull('app:1', {})).rejects.toSatisfy((error) =>
    isContractError(error, 'image_pull_failed'),
  );
});

test.each([
  ['app', 'app', 'latest'],
  ['app:1', 'app', '1'],
  ['r.test:5000/a/b', 'r.test:5000/a/b', 'latest'],
  [`app@sha256:${'b'.repeat(64)}`, 'app', `sha256:${'b'.repeat(64)}`],
  [`app:1@sha256:${'b'.repeat(64)}`, 'app', `sha256:${'b'.repeat(64)}`],
])('%s asks for one tag or digest, never for all', async (ref, image, tag) => {
  await using daemon = await aFakeDaemon({ 'POST /images/create': json({ message: 'x' }, 500) });
  const auth = { username: 'me', password: 'p' };
  const failed = await daemon
    .engine()
    .images.pull(ref, { platform: 'linux/arm64', auth })
    .catch((error: ContractError) => error);
  const asked = daemon.asked.at(-1);
  expect(asked?.query.get('fromImage')).toBe(image);
  expect(asked?.query.get('tag')).toBe(tag);
  expect(asked?.query.get('platform')).toBe('linux/arm64');
  const sent = String(asked?.headers['x-registry-auth']);
  expect(JSON.parse(Buffer.from(sent, 'base64url').toString())).toEqual(auth);
  expect(String(failed)).not.toContain('"p"');
});

test('a push that fails for no known reason, or ends without a digest, is image_push_failed', async () => {
  const message = 'blob upload invalid';
  const failing = chunks([JSON.stringify({ errorDetail: { message }, error: message })], 'end');
  const wordless = chunks(lines({ status: 'Pushed' }), 'end');
  for (const reply of [failing, wordless]) {
    await using daemon = await aFakeDaemon({ 'POST /images/registry.test/app/push': reply });
    const push = daemon.engine().images.push('registry.test/app:1', {});
    await expect(push).rejects.toSatisfy((error) => isContractError(error, 'image_push_failed'));
  }
});
