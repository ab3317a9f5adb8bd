import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { Exit } from '../each-container.ts';
import { addBuild } from './images/building.ts';
import { addImageChanging } from './images/changing.ts';
import { addImageLooking } from './images/looking.ts';
import { addImageMoving } from './images/moving.ts';
import { addImageTransfers } from './images/transferring.ts';
import { addLogin } from './login.ts';

/** `berth image …` */
export function addImages(program: Command, context: Context, exit: Exit): void {
  const group = program
    .command('image')
    .description('Build, pull, show, name, move and remove images.')
    .addHelpText('after', '\nExamples:\n  berth image ls\n  berth image pull redis:7');
  addImageLooking(group, context, exit);
  addImageChanging(group, context, exit);
  addImageTransfers(group, context);
  addImageMoving(group, context);
  addLogin(group, context, 'berth image login');
  addLogin(program, context, 'berth login');
  addBuild(group, context);
  addBuild(program, context);
}
