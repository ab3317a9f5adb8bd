/** Whether a version like `1.45` is `since` or later. */
export function speaks(api: string, since: string): boolean {
  const [major = 0, minor = 0] = api.split('.').map(Number);
  const [first = 0, second = 0] = since.split('.').map(Number);
  return major > first || (major === first && minor >= second);
}
