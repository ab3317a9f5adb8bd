import { appendFileSync, readFileSync } from 'node:fs';

// A worker that notes its birth and ends at once, until there is a file that says it may live.
const { births, name, lives_after } = JSON.parse(process.argv[2] ?? '{}');
appendFileSync(births, `${JSON.stringify({ name, at: Date.now(), pid: process.pid })}\n`);
const born = readFileSync(births, 'utf8').trim().split('\n').length;
if (born <= lives_after) process.exit(3);
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
