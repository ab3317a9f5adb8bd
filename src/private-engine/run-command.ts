import { spawn } from 'node:child_process';
import { ContractError } from '../../contracts/contract-error.ts';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** Run a program to its end and answer its output. Throws engine_failed with the last lines it said. */
export function runCommand(
  program: string,
  words: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let all = '';
    child.stdout.on('data', (part: Buffer) => {
      out += part.toString();
      all = (all + part.toString()).slice(-8000);
    });
    child.stderr.on('data', (part: Buffer) => {
      all = (all + part.toString()).slice(-8000);
    });
    child.once('error', (error) =>
      reject(
        new ContractError('engine_failed', `${program} cannot be run: ${error.message}`, {
          cause: error,
          next: `Install ${program}.`,
        }),
      ),
    );
    child.once('close', (code, signal) => {
      if (code === 0) resolve(out);
      else
        reject(
          new ContractError(
            'engine_failed',
            `${program} ${words.slice(0, 3).join(' ')} ended with ${code ?? signal}: ${all.trim().split('\n').slice(-5).join(' | ')}`,
          ),
        );
    });
  });
}
