import { describe, expect, test } from 'vitest';
import { containerLabels, type Identity, LABEL, ownership, resourceLabels } from '../../src/engine/labels.ts';

const identity: Identity = { instance: 'one', key: Buffer.alloc(32, 1) };
const labels = containerLabels(identity, 'app:cache', 'h1:00');

describe('ownership', () => {
  test('is ours for what we sealed, and the hash is on it', () => {
    expect(ownership(identity, 'container', 'app:cache', labels)).toBe('ours');
    expect(labels[LABEL.hash]).toBe('h1:00');
    expect(ownership(identity, 'network', 'net', resourceLabels(identity, 'network', 'net'))).toBe('ours');
  });

  test('is foreign for another row, another kind, another instance, another key', () => {
    expect(ownership(identity, 'container', 'app:other', labels)).toBe('foreign');
    expect(ownership(identity, 'container', 'app:other', { ...labels, [LABEL.id]: 'app:other' })).toBe(
      'foreign',
    );
    expect(ownership(identity, 'network', 'app:cache', labels)).toBe('foreign');
    expect(ownership({ ...identity, instance: 'two' }, 'container', 'app:cache', labels)).toBe('foreign');
    expect(
      ownership({ instance: 'two', key: identity.key }, 'container', 'app:cache', {
        ...labels,
        [LABEL.instance]: 'two',
      }),
    ).toBe('foreign');
    expect(ownership({ ...identity, key: Buffer.alloc(32, 2) }, 'container', 'app:cache', labels)).toBe(
      'foreign',
    );
  });

  test('is foreign when any of what is sealed is changed, missing or of another length', () => {
    for (const label of [LABEL.instance, LABEL.id, LABEL.nonce, LABEL.seal]) {
      const { [label]: value = '', ...rest } = labels;
      for (const forged of [
        rest,
        { ...rest, [label]: '' },
        { ...rest, [label]: `${value}x` },
        { ...rest, [label]: value.replace(/^./, '#') },
      ])
        expect(ownership(identity, 'container', 'app:cache', forged)).toBe('foreign');
    }
    expect(ownership(identity, 'container', 'app:cache', {})).toBe('foreign');
  });

  test('is foreign when the seal came with the image: labels are inherited', () => {
    expect(ownership(identity, 'container', 'app:cache', labels, labels)).toBe('foreign');
    const ofImage = containerLabels(identity, 'app:cache', 'h1:00');
    expect(ownership(identity, 'container', 'app:cache', labels, ofImage)).toBe('ours');
  });

  test('is proven by a seal of its own for each container of a row', () => {
    expect(containerLabels(identity, 'app:cache', 'h1:00')[LABEL.seal]).not.toBe(labels[LABEL.seal]);
  });
});
