import { describe, expect, test } from 'vitest';
import { restingStatus } from '../../src/plan/resting-status.ts';
import { aContainer, anExited } from '../support/plan-builders.ts';

describe('what an observed container amounts to', () => {
  test('running is what the engine says, with its health', () => {
    expect(restingStatus(aContainer({ health: 'unhealthy' }), 'running')).toEqual({
      status: 'running',
      health: 'unhealthy',
      exit_code: null,
      reason: null,
      completed: false,
      resting: false,
    });
  });

  test('a container between two runs is restarting, not running', () => {
    const seen = aContainer({ state: 'restarting', restart_count: 3 });
    expect(restingStatus(seen, 'running')).toMatchObject({
      status: 'restarting',
      reason: { code: 'restarting', message: 'restarted by the engine 3 times' },
      resting: false,
    });
  });

  test('paused is paused, and what goes is stopping', () => {
    expect(restingStatus(aContainer({ state: 'paused' }), 'running').status).toBe('paused');
    expect(restingStatus(aContainer({ state: 'removing' }), 'removed').status).toBe('stopping');
  });

  test.for([
    ['no', 0, 0, 'stopped', true],
    ['no', 1, 0, 'failed', true],
    ['on-failure', 0, 0, 'stopped', true],
    ['on-failure', 1, 0, 'failed', false],
    ['on-failure:3', 1, 2, 'failed', false],
    ['on-failure:3', 1, 3, 'failed', true],
    ['on-failure:3', 0, 1, 'stopped', true],
    ['always', 0, 0, 'stopped', false],
    ['always', 1, 5, 'failed', false],
    ['unless-stopped', 0, 0, 'stopped', false],
  ] as const)(
    'under %s an end with code %i after %i restarts is %s, final: %s',
    ([policy, code, restarts, status, final]) => {
      expect(
        restingStatus(anExited(code, { restart_count: restarts, restart_policy: policy }), 'running'),
      ).toMatchObject({
        status,
        exit_code: code,
        completed: final,
        resting: final,
      });
    },
  );

  test('a failure says its code, how often it was tried, and when memory was the cause', () => {
    const of = (seen: ReturnType<typeof anExited>) =>
      restingStatus({ ...seen, restart_policy: 'on-failure:2' }, 'running').reason;
    expect(of(anExited(3))).toEqual({ code: 'exited', message: 'exited with code 3' });
    expect(of(anExited(3, { restart_count: 2 }))?.message).toBe('exited with code 3 after 2 restarts');
    expect(of(anExited(137, { oom_killed: true }))).toMatchObject({ code: 'oom_killed' });
  });

  test('an end that was asked for is no failure', () => {
    expect(restingStatus(anExited(137), 'stopped')).toMatchObject({
      status: 'stopped',
      exit_code: 137,
      reason: null,
      completed: false,
      resting: true,
    });
  });

  test('made but not started rests only when no start is wanted; a failed start says why', () => {
    const made = aContainer({ state: 'created' });
    expect(restingStatus(made, 'created')).toMatchObject({ status: 'stopped', resting: true });
    expect(restingStatus(made, 'stopped')).toMatchObject({ status: 'stopped', resting: true });
    expect(restingStatus(made, 'running')).toMatchObject({ status: 'creating', resting: false });
    expect(restingStatus({ ...made, error: 'no such file' }, 'running')).toMatchObject({
      status: 'failed',
      reason: { code: 'start_failed', message: 'no such file' },
      resting: false,
    });
  });

  test('dead is a failure that is made anew', () => {
    expect(restingStatus(aContainer({ state: 'dead', exit_code: 0 }), 'running')).toMatchObject({
      status: 'failed',
      reason: { code: 'dead' },
      completed: false,
      resting: false,
    });
  });
});
