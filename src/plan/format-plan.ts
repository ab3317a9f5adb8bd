import type { Action, Plan, Step } from './actions.ts';

/** A plan as text: a line a step, `stop_container cache (spec changed)`. It is the log line, the dry run and the test. */
export function formatPlan(plan: Plan): string {
  if (plan.kind === 'refused') return `refused: ${plan.message}`;
  if (plan.kind === 'waiting')
    return [`waiting: ${plan.message}`, ...(plan.ahead ? [`meanwhile: ${stepText(plan.ahead)}`] : [])].join(
      '\n',
    );
  return plan.steps.map(stepText).join('\n');
}

function stepText({ action, cause }: Step): string {
  return `${action.type} ${objectOf(action)} (${cause})`;
}

/** What an action is about. */
export function objectOf(action: Action): string {
  switch (action.type) {
    case 'build_image':
    case 'pull_image':
      return action.image;
    case 'create_network':
    case 'remove_network':
      return action.network;
    case 'create_volume':
    case 'remove_volume':
      return /^[0-9a-f]{64}$/.test(action.volume) ? action.volume.slice(0, 12) : action.volume;
    case 'rename_container':
      return `${action.name} → ${action.to}`;
    case 'connect_network':
    case 'disconnect_network':
      return `${action.name} ↔ ${action.network}`;
    case 'prepare_volume':
      return `${action.name}:${action.path}`;
    case 'create_container':
    case 'put_files':
    case 'start_container':
    case 'stop_container':
    case 'remove_container':
    case 'update_container':
      return action.name;
  }
}
