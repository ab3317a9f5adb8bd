const SECRET = /pass|secret|token|key|credential|auth|private/i;

/** Whether a variable’s or option’s value is likely to be a secret, by its name. */
export function isSecret(name: string): boolean {
  return SECRET.test(name);
}
