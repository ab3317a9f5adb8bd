import { openMemoryEngine } from './memory-engine.ts';
import { serveEngine } from './serve-engine.ts';

// A memory engine as a process: node src/engine/memory/main.ts SOCKET. Ends at SIGTERM or SIGINT, and with a parent that forked it.
const [, , socketPath] = process.argv;
if (socketPath === undefined) {
  process.stderr.write('usage: node src/engine/memory/main.ts SOCKET\n');
  process.exitCode = 64;
} else {
  const engine = openMemoryEngine();
  const served = await serveEngine(engine, socketPath);
  const end = async (): Promise<void> => {
    await engine.close();
    await served.close();
    if (process.connected) process.disconnect();
  };
  for (const cause of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(cause, () => void end());
  if (process.send) process.send({ report: 'ready' });
  else process.stdout.write(`memory://${socketPath}\n`);
}
