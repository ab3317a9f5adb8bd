/** What `/etc/passwd` and `/etc/group` of an image say; empty when it has none. */
export interface Accounts {
  readonly passwd: string;
  readonly group: string;
}

/**
 * The numbers of an owner, `user[:group]` by name or number. Without a group it is the user’s own, and for a number that is no user’s
 * the group with the same number. A text says which name is unknown.
 */
export function ownerIds(
  owner: string,
  { passwd, group }: Accounts,
): { readonly uid: number; readonly gid: number } | string {
  const [user = '', groupName] = owner.split(':');
  const users = passwd.split('\n').map((line) => line.split(':'));
  const known = users.find(([name, , id]) => (isNumber(user) ? id === user : name === user));
  const uid = isNumber(user) ? Number(user) : Number(known?.[2] ?? Number.NaN);
  if (!isId(uid)) return `it has no user ${user}`;
  if (groupName === undefined) return { uid, gid: Number(known?.[3] ?? uid) };
  const groups = group.split('\n').map((line) => line.split(':'));
  const found = groups.find(([name]) => name === groupName);
  const gid = isNumber(groupName) ? Number(groupName) : Number(found?.[2] ?? Number.NaN);
  return isId(gid) ? { uid, gid } : `it has no group ${groupName}`;
}

function isNumber(text: string): boolean {
  return /^\d{1,10}$/.test(text);
}

function isId(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id <= 4_294_967_294;
}
