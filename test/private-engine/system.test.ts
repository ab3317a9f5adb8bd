import { expect, test } from 'vitest';
import { mirrorIn } from '../../src/private-engine/packages.ts';
import { systemOf } from '../../src/private-engine/system.ts';

test('Debian and Ubuntu are told by their os-release', () => {
  expect(systemOf('PRETTY_NAME="Debian"\nID=debian\nVERSION_CODENAME=bookworm\n')).toEqual({
    id: 'debian',
    codename: 'bookworm',
  });
  expect(systemOf('ID="ubuntu"\nVERSION_CODENAME=noble')).toEqual({ id: 'ubuntu', codename: 'noble' });
});

test.each([
  ['ID=fedora\nPRETTY_NAME="Fedora Linux 42"\nVERSION_CODENAME=""', 'Fedora Linux 42'],
  ['ID=debian\nPRETTY_NAME="Debian without a release"', 'Debian without a release'],
  ['', 'another system'],
])('elsewhere a private engine is unsupported, with the system’s name (%#)', (text, name) => {
  expect(() => systemOf(text)).toThrow(expect.objectContaining({ code: 'unsupported' }));
  expect(() => systemOf(text)).toThrow(name);
});

test('the mirror is the one of the system’s own release, not its updates and not somebody else’s', () => {
  const targets = [
    'bookworm main http://mirror.example/other/ Somebody',
    'bookworm-security main http://mirror.example/security/ Debian',
    'bookworm non-free http://mirror.example/non-free/ Debian',
    'bookworm main http://mirror.example/debian/ Debian',
  ].join('\n');
  expect(mirrorIn(targets, { id: 'debian', codename: 'bookworm' })).toBe('http://mirror.example/debian/');
  expect(mirrorIn(targets, { id: 'ubuntu', codename: 'noble' })).toBeUndefined();
});
