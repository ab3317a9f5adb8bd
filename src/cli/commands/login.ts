import type { Command } from 'commander';
import { ContractError } from '../../../contracts/contract-error.ts';
import { images } from '../../../contracts/images.ts';
import { asked } from '../asked.ts';
import type { Context } from '../context.ts';
import type { Io } from '../io.ts';
import { type PlaceOptions, withJson, withPlace } from '../options.ts';

interface LoginOptions extends PlaceOptions {
  readonly username: string;
  readonly save: boolean;
}

/** `berth login` and `berth image login`: the password comes from standard input, never from the command line, where others could read it. */
export function addLogin(parent: Command, { io, deps, signal }: Context, whole: string): void {
  withJson(withPlace(parent.command('login')))
    .description('Log in to a registry; the password is read from standard input.')
    .argument('[registry]', 'registry.example.com:5000; left out: Docker Hub')
    .requiredOption('-u, --username <name>', 'who')
    .option('--no-save', 'only see whether the registry takes them')
    .addHelpText(
      'after',
      `\nExamples:\n  ${whole} registry.example.com -u me < password.txt\n  pass show hub | ${whole} -u me`,
    )
    .action(async (registry: string | undefined, { username, save, ...options }: LoginOptions) => {
      const password = await passwordFrom(io);
      const answer = await asked(deps, options, images, (client) =>
        client.login({ ...(registry !== undefined && { registry }), username, password, save }, { signal }),
      );
      const where = {
        helper: 'kept by Docker’s helper',
        file: 'kept in Docker’s config.json',
        no: 'not kept',
      };
      io.out(
        options.json
          ? `${JSON.stringify(answer)}\n`
          : `${answer.registry} takes ${answer.username}; ${where[answer.saved]}.\n`,
      );
    });
}

const LONGEST = 65_536;

/** All of standard input but its last newline. */
async function passwordFrom({ console }: Io): Promise<string> {
  if (console.typed)
    throw new ContractError('invalid_input', 'the password comes from standard input', {
      next: 'Write `< FILE`, or pipe it from where it is kept.',
    });
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of console.read()) {
    size += part.length;
    if (size > LONGEST) throw new ContractError('invalid_input', 'that is too long for a password');
    parts.push(part);
  }
  const password = Buffer.concat(parts)
    .toString()
    .replace(/\r?\n$/, '');
  if (password === '') throw new ContractError('invalid_input', 'there is no password in standard input');
  return password;
}
