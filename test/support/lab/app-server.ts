import { pack } from 'tar-stream';

/** The program of `myapp:latest`: answers on 8080 whether a query to postgres, at the name it was given, succeeds. */
const SERVER = `#!/usr/bin/perl
use strict; use warnings; use IO::Socket::INET;
my ($flag, $db) = @ARGV;
die "usage: ./server --db HOST:PORT\\n" unless defined $db && $flag eq '--db';
my $url = $ENV{DATABASE_URL} || "postgres://postgres\\@$db/postgres";
die "DATABASE_URL does not name $db\\n" unless index($url, "\\@$db/") > 0;
$ENV{PGCONNECT_TIMEOUT} = 3; $| = 1;
my $listening = IO::Socket::INET->new(LocalPort => 8080, Listen => 16, ReuseAddr => 1) or die "cannot listen: $!\\n";
print "listening on 8080, database at $db\\n";
while (my $client = $listening->accept) {
  while (my $line = <$client>) { last if $line =~ /^\\r?\\n$/ }
  open(my $psql, '-|', 'psql', '-tAc', "SELECT 'ok, database ' || current_database()", $url) or die "no psql: $!\\n";
  my $said = join '', <$psql>; close $psql; chomp $said;
  my $answer = "$db: " . ($? == 0 ? $said : 'unreachable');
  print "asked: $answer\\n";
  print $client "HTTP/1.0 200 OK\\r\\nContent-Type: text/plain\\r\\n\\r\\n$answer\\n"; close $client;
}
`;

/** A layer with that program, to stand on an image with perl and psql; with a Dockerfile beside it when `from` names one. */
export async function* appServerTar(from?: string): AsyncGenerator<Buffer> {
  const tar = pack();
  tar.entry({ name: 'app', type: 'directory', mode: 0o755 });
  tar.entry({ name: 'app/server', mode: 0o755 }, SERVER);
  if (from !== undefined)
    tar.entry(
      { name: 'Dockerfile' },
      `FROM ${from}\nENTRYPOINT []\nCOPY app /app\nWORKDIR /app\nCMD ["./server"]\n`,
    );
  tar.finalize();
  for await (const part of tar) yield part as Buffer;
}
