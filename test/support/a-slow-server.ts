import type { ContainerSpec } from '../../contracts/container-spec.ts';

/**
 * A server that takes a second to start, answers `version` on port 80 (`/cgi-bin/slow` after four seconds), echoes on port 81, and
 * when it is told to end takes nothing new but ends what it has begun. `broken`: it never takes anything.
 */
export function aSlowServer(version: string, { broken = false } = {}): ContainerSpec {
  const script = `
mkdir -p /www/cgi-bin
echo ${version} > /www/index.html
cat > /www/cgi-bin/slow << 'EOF'
#!/bin/sh
printf 'Content-type: text/plain\\r\\n\\r\\n'
sleep 4
echo ${version} slowly
EOF
chmod +x /www/cgi-bin/slow
echo ${version} starts
trap 'echo ${version} drains; kill $server $echo; while pidof httpd > /dev/null; do sleep 0.1; done; echo ${version} ends; exit 0' TERM
sleep 1
${broken ? 'sleep 6000 &' : 'httpd -f -p 80 -h /www &'}
server=$!
nc -ll -p 81 -e cat &
echo=$!
echo ${version} serves
while :; do wait; sleep 1; done
`;
  return {
    image: 'busybox:latest',
    command: ['sh', '-c', script],
    stop_timeout: 20,
    health_check: {
      test: 'wget -q -O /dev/null http://127.0.0.1/',
      interval: 0.5,
      timeout: 2,
      retries: 3,
      start_period: 1,
    },
  };
}

/**
 * What asks `host` again and again until it is told to end: a fresh connection each time, to each address that the name has until one
 * answers. Runs in `redis:7`, which has perl, and a libc that looks names up.
 */
export function aPatientClient(host: string): readonly string[] {
  const script = String.raw`
use IO::Socket::INET;
use Socket;
$| = 1;
$SIG{TERM} = sub { $over = 1 };
my ($asked, $failed, $last) = (0, 0, '');
until ($over) {
  $asked++;
  my ($answer, @tried);
  my (undef, undef, undef, undef, @addresses) = gethostbyname('${host}');
  for my $address (map { inet_ntoa($_) } @addresses) {
    push @tried, $address;
    my $socket = IO::Socket::INET->new(PeerAddr => $address, PeerPort => 80, Timeout => 3) or next;
    print $socket "GET / HTTP/1.0\r\n\r\n";
    my $text = join '', <$socket>;
    if ($text =~ / 200 OK.*\n\r?\n(.+)\n/s) { $answer = $1; last }
  }
  if (!defined $answer) { $failed++; print "failed $asked (@tried)\n" }
  elsif ($answer ne $last) { print "answered $answer\n"; $last = $answer }
  select undef, undef, undef, 0.005;
}
print "asked $asked, failed $failed\n";
`;
  return ['perl', '-e', script];
}
