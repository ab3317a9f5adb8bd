/**
 * An HTTP server in perl, as words of a command: takes a second to start, answers its VERSION after a moment, and drains on SIGTERM: it
 * accepts nothing new, and ends when what it has accepted is answered. With BROKEN it answers 500 to each request.
 */
export const ROLLING_SERVER: readonly string[] = [
  'perl',
  '-e',
  `use strict; use IO::Socket::INET; use POSIX ':sys_wait_h'; $| = 1;
die "broken\\n" if ($ENV{BROKEN} || '') eq 'exits';
sleep 1;
my $end = 0; $SIG{TERM} = sub { $end = 1 };
my $listener = IO::Socket::INET->new(LocalPort => 8080, Listen => 128, ReuseAddr => 1) or die "listen: $!";
print "listening $ENV{VERSION}\\n";
sub answer {
  my ($client) = @_;
  if (fork() == 0) {
    close $listener;
    while (defined(my $line = <$client>)) { last if $line =~ /^\\r?\\n$/ }
    select undef, undef, undef, 0.03;
    my $status = $ENV{BROKEN} ? '500 Broken' : '200 OK';
    print $client "HTTP/1.1 $status\\r\\nConnection: close\\r\\nContent-Length: " . length($ENV{VERSION}) . "\\r\\n\\r\\n$ENV{VERSION}";
    close $client; POSIX::_exit(0);
  }
  close $client;
}
until ($end) {
  my $readable = ''; vec($readable, fileno($listener), 1) = 1;
  if (select($readable, undef, undef, 0.05) > 0) { my $client = $listener->accept; answer($client) if $client }
  1 while waitpid(-1, WNOHANG) > 0;
}
$listener->blocking(0);
while (my $client = $listener->accept) { $client->blocking(1); answer($client) }
close $listener;
1 while wait() > 0;
print "drained\\n";`,
];

/** A client that asks NAME:8080 on fresh connections until its input ends; it resolves the name anew each time, and tries each address. A line a failure, and at the end how many it asked of which version. */
export const ROLLING_CLIENT: readonly string[] = [
  'perl',
  '-e',
  `use strict; use IO::Socket::INET; use Socket qw(getaddrinfo unpack_sockaddr_in inet_ntoa AF_INET SOCK_STREAM); use Time::HiRes qw(time); $| = 1;
my $end = 0; $SIG{TERM} = sub { $end = 1 };
my (%seen, $asked, $slowest); $asked = 0; $slowest = 0;
sub ask {
  my ($address) = @_;
  my $text = '';
  my $ok = eval {
    local $SIG{ALRM} = sub { die "timeout\\n" }; alarm 5;
    my $socket = IO::Socket::INET->new(PeerAddr => $address, PeerPort => 8080, Timeout => 3) or die "connect: $!\\n";
    print $socket "GET / HTTP/1.1\\r\\nHost: web\\r\\nConnection: close\\r\\n\\r\\n";
    local $/; $text = <$socket> || ''; alarm 0; 1;
  };
  my $why = $@; alarm 0;
  return (undef, $why) unless $ok;
  return $text =~ /^HTTP\\/1.1 200 .*\\r\\n\\r\\n(.+)$/s ? ($1, '') : (undef, 'answered: ' . substr($text, 0, 40));
}
until ($end) {
  my ($error, @found) = getaddrinfo('web', '', { family => AF_INET, socktype => SOCK_STREAM });
  my ($version, @why); my $from = time;
  push @why, "resolve: $error" if $error;
  for my $one (@found) {
    my (undef, $address) = unpack_sockaddr_in($one->{addr});
    ($version, my $why) = ask(inet_ntoa($address));
    last if defined $version;
    push @why, inet_ntoa($address) . " $why";
  }
  $asked++; my $took = time - $from; $slowest = $took if $took > $slowest;
  if (defined $version) { print "first of $version\\n" unless $seen{$version}++ } else { print 'FAILED ' . join('; ', @why) . "\\n" }
}
print "asked $asked, slowest $slowest, " . join(', ', map { "$_: $seen{$_}" } sort keys %seen) . "\\n";`,
];
