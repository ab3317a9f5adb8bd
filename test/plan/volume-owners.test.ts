import { describe, expect, test } from 'vitest';
import { ownerIds } from '../../src/plan/owner-ids.ts';
import { permissionsOf } from '../../src/plan/permissions.ts';

describe('permissions of a volume', () => {
  test.each([
    ['0750', 0o777, '750'],
    ['1777', 0, '1777'],
    ['u=rwX,g=rX,o=', 0o777, '750'],
    ['u=rwX,g=rX,o=rX', 0, '755'],
    ['g+w', 0o755, '775'],
    ['go-rwx', 0o777, '700'],
    ['a=r', 0o777, '444'],
    ['+x', 0o600, '711'],
    ['o+t', 0o777, '1777'],
    ['g+s,o-w', 0o777, '2775'],
    ['u=rwx,g=', 0o2077, '707'],
    ['ug=rw-w', 0o777, '447'],
  ])('%s on top of %o are %s', (text, before, expected) => {
    expect(permissionsOf(text, before).toString(8)).toBe(expected);
  });
});

describe('the owner of a volume', () => {
  const accounts = {
    passwd: 'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:34::/:/bin/false\n',
    group: 'root:x:0:\nadm:x:4:www-data\n',
  };
  test.each([
    ['www-data', { uid: 33, gid: 34 }],
    ['33', { uid: 33, gid: 34 }],
    ['2000', { uid: 2000, gid: 2000 }],
    ['2000:0', { uid: 2000, gid: 0 }],
    ['www-data:adm', { uid: 33, gid: 4 }],
    ['uwsgi', 'it has no user uwsgi'],
    ['root:wheel', 'it has no group wheel'],
    ['99999999999', 'it has no user 99999999999'],
  ])('%s is %j', (text, expected) => {
    expect(ownerIds(text, accounts)).toEqual(expected);
  });

  test('needs no accounts when it is numbers', () => {
    expect(ownerIds('5:6', { passwd: '', group: '' })).toEqual({ uid: 5, gid: 6 });
  });
});
