import { expect, test } from 'vitest';
import { dockerfile } from '../../src/build/dockerfile.ts';

test('a Dockerfile is made by calls, and is spread into a build', () => {
  const file = dockerfile('ubuntu:latest')
    .run('apt-get update')
    .runAll('apt-get -y upgrade', 'rm -rf /var/lib/apt')
    .copy('/home/user/my files', '/var/lib/my files/', { chown: '1000:1000' })
    .write('/etc/motd', 'hello\n')
    .env({ PATH: '/opt/bin:$PATH', GREETING: 'say "hi" \\o/' })
    .env({ PRICE: '5 $' }, { literal: true })
    .label({ 'org.example/team': 'data' })
    .arg('VERSION', '1.2')
    .expose(80, '53/udp')
    .volume('/data')
    .user('1000:1000')
    .workDir('/srv/my app')
    .stopSignal('SIGQUIT')
    .healthCheck(['true'], { interval: 5, retries: 2 })
    .entrypoint(['/bin/sh', '-c', 'echo "$0"\nexit'])
    .command('serve --all');
  expect({ ...file }).toEqual({
    dockerfile: `FROM ubuntu:latest
RUN apt-get update
RUN apt-get -y upgrade && rm -rf /var/lib/apt
COPY --chown=1000:1000 ["added/0/my files","/var/lib/my files/"]
COPY ["added/1/motd","/etc/motd"]
ENV PATH="/opt/bin:$PATH" GREETING="say \\"hi\\" \\\\o/"
ENV PRICE="5 \\$"
LABEL org.example/team="data"
ARG VERSION="1.2"
EXPOSE 80 53/udp
VOLUME ["/data"]
USER 1000:1000
WORKDIR /srv/my app
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=5s --retries=2 CMD ["true"]
ENTRYPOINT ["/bin/sh","-c","echo \\"$0\\"\\nexit"]
CMD serve --all
`,
    files: [
      { path: 'added/0/my files', from: '/home/user/my files' },
      { path: 'added/1/motd', content: 'hello\n' },
    ],
  });
});

test('stages are named and copied from, and nothing changes what was made before', () => {
  const base = dockerfile('golang:1', { as: 'build', platform: 'linux/amd64' });
  const whole = base
    .run('go build', { mounts: ['type=cache,target=/cache'], network: 'none' })
    .comment('the small one\nFROM nowhere')
    .blank()
    .from('scratch')
    .copyFrom('build', '/app', '/app')
    .addUrl('https://example.org/x.tar', '/x');
  expect(base.toString()).toBe('FROM --platform=linux/amd64 golang:1 AS build\n');
  expect(whole.toString()).toBe(`FROM --platform=linux/amd64 golang:1 AS build
RUN --mount=type=cache,target=/cache --network=none go build
# the small one
# FROM nowhere

FROM scratch
COPY --from=build ["/app","/app"]
ADD ["https://example.org/x.tar","/x"]
`);
});

const base = dockerfile('alpine');
test.each([
  ['a second line', () => base.run('true\nUSER root')],
  ['a carriage return', () => base.run('true\rUSER root')],
  ['a line that goes on', () => base.run('true \\')],
  ['a here-document', () => base.run('cat <<EOF')],
  ['an empty command', () => base.run('  ')],
  ['an image of two words', () => dockerfile('alpine AS x')],
  ['an image with a line break', () => dockerfile('alpine\nRUN evil')],
  ['a stage that is no name', () => dockerfile('alpine', { as: 'x y' })],
  ['a variable that is no name', () => base.env({ 'A B': 'x' })],
  ['a value of two lines', () => base.env({ A: 'x\nRUN evil' })],
  ['a label of two lines', () => base.label({ 'a\nRUN': 'x' })],
  ['a user of two words', () => base.user('root wheel')],
  ['a folder of two lines', () => base.workDir('/a\n/b')],
  ['a port that is none', () => base.expose('80 RUN')],
  ['a relative path', () => base.copy('files', '/x')],
  ['a name that is a pattern', () => base.copy('/a/*', '/x')],
  ['flags that break out', () => base.copy('/a', '/x', { chown: '1 2' })],
  ['mounts that break out', () => base.run('true', { mounts: ['type=x --network=host'] })],
  ['no command', () => base.runAll()],
])('%s is refused', (_, make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'invalid_input' }));
});

test('a command of the shell that looks like something else stays one', () => {
  expect(base.run('[ -f /x ] && true').toString()).toContain('RUN : && [ -f /x ]');
  expect(base.run('cat <<<hello').toString()).toContain('RUN cat <<<hello');
});
