import type { ErrorRow } from './error-row.ts';

/** What is wrong with a call, or with what it is about. */
export const CALL_ERRORS = {
  invalid_input: {
    status: 400,
    exit: 2,
    retryable: false,
    meaning: 'The input does not fit the schema.',
    next: 'Mend the listed fields.',
  },
  invalid_registry: {
    status: 400,
    exit: 2,
    retryable: false,
    meaning: 'A registry file or entry is wrong.',
    next: 'Mend the file at the place named; `berth validate` checks it.',
  },
  invalid_config: {
    status: 400,
    exit: 2,
    retryable: false,
    meaning: 'A setting or environment variable is wrong.',
    next: 'Mend the setting named.',
  },
  unknown_method: {
    status: 404,
    exit: 2,
    retryable: false,
    meaning: 'No such contract or method.',
    next: 'Run `berth call` to list them.',
  },
  not_found: {
    status: 404,
    exit: 3,
    retryable: false,
    meaning: 'Nothing has that id or name.',
    next: 'Run `berth ps` to see what there is.',
  },
  ambiguous_name: {
    status: 409,
    exit: 4,
    retryable: false,
    meaning: 'The name fits more than one container.',
    next: 'Use one of the ids listed.',
  },
  name_conflict: {
    status: 409,
    exit: 4,
    retryable: false,
    meaning: 'The name is taken.',
    next: 'Choose another name, or remove what has it.',
  },
  port_conflict: {
    status: 409,
    exit: 4,
    retryable: true,
    meaning: 'A published port is taken.',
    next: 'Free the port, or publish another one.',
  },
  not_ours: {
    status: 403,
    exit: 5,
    retryable: false,
    meaning: 'It exists on the engine, but is not of this Berth.',
    next: 'Use the tool that made it.',
  },
  wrong_state: {
    status: 409,
    exit: 4,
    retryable: false,
    meaning: 'The container is not in a state that allows this.',
    next: 'Look at its status with `berth ps`.',
  },
  aborted: { status: 499, exit: 130, retryable: true, meaning: 'The caller gave up.', next: 'Call again.' },
  internal: {
    status: 500,
    exit: 1,
    retryable: false,
    meaning: 'A defect of Berth.',
    next: 'Report it with the log line of the same time.',
  },
} as const satisfies Record<string, ErrorRow>;
