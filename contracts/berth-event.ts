import { z } from 'zod';
import { type ContainerEvent, containerEvent } from './events.ts';
import { type OperationEvent, operationEvent } from './operation-events.ts';

/** Whatever can reach a target: a container’s events have `container_id`, those of an operation `operation_id`. */
export const berthEvent: z.ZodType<BerthEvent> = z.union([containerEvent, operationEvent]);
export type BerthEvent = ContainerEvent | OperationEvent;

/** Whose event it is: what `seq` counts for. */
export function streamOf(event: BerthEvent): string {
  return 'operation_id' in event ? event.operation_id : event.container_id;
}

/** Whether that stream is an operation’s; containers’ ids never look so. */
export function isOperationId(stream_id: string): boolean {
  return /^(op|build)_/.test(stream_id) && !stream_id.includes(':');
}
