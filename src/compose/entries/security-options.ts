import type { Fields, Taking } from './taking.ts';

/** A seccomp profile is named by its file in Compose; the engine takes its text. */
export async function securityOptions(
  given: readonly string[],
  { read, say, folder }: Taking,
): Promise<Fields> {
  const options: string[] = [];
  for (const option of given) {
    const [, value] = /^seccomp[=:](.*)$/s.exec(option) ?? [];
    if (value === undefined || value === 'unconfined' || value === 'builtin' || value.startsWith('{')) {
      options.push(option);
      continue;
    }
    const path = value.startsWith('/') ? value : `${folder}/${value}`;
    const text = await read(path);
    if (text === undefined) say('security_opt', `there is no file ${path}`);
    else options.push(`seccomp=${text.replace(/\r?\n\s*/g, '')}`);
  }
  return options.length === 0 ? {} : { security_opt: options };
}
