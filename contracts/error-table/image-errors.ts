import type { ErrorRow } from './error-row.ts';

/** What pulling, pushing and building can run into. */
export const IMAGE_ERRORS = {
  image_not_found: {
    status: 404,
    exit: 8,
    retryable: false,
    meaning: 'No registry has that image.',
    next: 'Check the name and the tag.',
  },
  image_denied: {
    status: 403,
    exit: 8,
    retryable: false,
    meaning: 'The registry refused access.',
    next: 'Log in to the registry.',
  },
  image_rate_limited: {
    status: 429,
    exit: 8,
    retryable: true,
    meaning: 'The registry allows no more pulls for now.',
    next: 'Wait, or log in.',
  },
  image_registry_unreachable: {
    status: 502,
    exit: 8,
    retryable: true,
    meaning: 'The registry does not answer.',
    next: 'Check the network and the registry’s name.',
  },
  image_stalled: {
    status: 504,
    exit: 8,
    retryable: true,
    meaning: 'The pull stopped making progress.',
    next: 'Try again.',
  },
  image_pull_failed: {
    status: 502,
    exit: 8,
    retryable: true,
    meaning: 'The pull failed.',
    next: 'Read the cause, and try again.',
  },
  image_push_failed: {
    status: 502,
    exit: 8,
    retryable: true,
    meaning: 'The push failed.',
    next: 'Read the cause, and try again.',
  },
  credentials_failed: {
    status: 502,
    exit: 8,
    retryable: true,
    meaning: 'A credential helper did not say who we are to a registry.',
    next: 'Run the helper named by hand, or log in with `berth login`.',
  },
  image_build_failed: {
    status: 422,
    exit: 8,
    retryable: false,
    meaning: 'The build failed.',
    next: 'Read the last lines of its log: `build_status` has them.',
  },
} as const satisfies Record<string, ErrorRow>;
