import { type ComposeFile, externalName } from '../model/model.ts';
import type { ComposeMount, ComposeService } from '../model/service.ts';
import { type Fields, REFERENCE, surroundingOf, type Taking } from './taking.ts';

type Given<K extends keyof ComposeService> = NonNullable<ComposeService[K]>;
type OurMount = NonNullable<Fields['mounts']>[number];
type OurVolume = NonNullable<Fields['volumes']>[number];

/** Short where it can be, with all settings where it must. */
export function volumes(given: Given<'volumes'>, taking: Taking): Fields {
  const short: OurVolume[] = [];
  const long: OurMount[] = [];
  given.forEach((mount, index) => {
    const made = mounted(mount, `volumes.${index}`, taking);
    if (made === undefined) return;
    if ('container' in made) short.push(made);
    else long.push(made);
  });
  return { ...(short.length > 0 && { volumes: short }), ...(long.length > 0 && { mounts: long }) };
}

function mounted(mount: ComposeMount, key: string, taking: Taking): OurVolume | OurMount | undefined {
  const { type, source, target, read_only } = mount;
  const { say, shown } = taking;
  const common = { target, ...(read_only !== undefined && { read_only }) };
  const mode = read_only === true ? ({ mode: 'ro' } as const) : {};
  if (mount.consistency !== undefined) say(`${key}.consistency`, 'means nothing on Linux', { level: 'note' });
  switch (type) {
    case 'tmpfs':
      return { type, ...common, ...(mount.tmpfs !== undefined && { tmpfs: inMemory(mount.tmpfs) }) };
    case 'volume': {
      if (source === undefined) return { type, ...common };
      if (!Object.hasOwn(taking.model.volumes ?? {}, source)) {
        say(key, `the volume ${source} is not among the file’s \`volumes\``, {
          instead: `write \`volumes: { ${source}: {} }\` at the top, or ./${source} for a folder`,
        });
        return undefined;
      }
      const { name, external } = surroundingOf(taking, 'volumes', source);
      const { nocopy, subpath, labels } = mount.volume ?? {};
      if (labels !== undefined)
        say(`${key}.volume.labels`, 'are not taken', {
          level: 'warning',
          instead: 'say them of the volume at the top',
        });
      if (nocopy === undefined && subpath === undefined)
        return { name, container: target, ...mode, ...(external && { external }) };
      const settings = {
        ...(nocopy !== undefined && { nocopy }),
        ...(subpath !== undefined && { subpath }),
        ...(external && { external }),
      };
      return { type, source: name, ...common, volume: settings };
    }
    case 'bind': {
      const { propagation, create_host_path, selinux, recursive } = mount.bind ?? {};
      const host = shown(source ?? '');
      if (propagation === undefined && create_host_path === true && recursive === undefined)
        return {
          host,
          container: target,
          ...mode,
          ...(selinux !== undefined && {
            selinux: selinux === 'z' ? ('shared' as const) : ('private' as const),
          }),
        };
      if (selinux !== undefined)
        say(`${key}.bind.selinux`, 'is not taken beside the other settings', {
          level: 'warning',
          instead: 'the short form, SOURCE:TARGET:z',
        });
      if (recursive === 'readonly' || recursive === 'writable')
        say(`${key}.bind.recursive`, `\`${recursive}\` is not taken`, { level: 'warning' });
      const bind = {
        ...(propagation !== undefined && { propagation: propagation as 'rshared' }),
        ...(create_host_path !== undefined && { create_host_path }),
        ...(recursive === 'disabled' && { non_recursive: true }),
      };
      return { type, source: host, ...common, ...(Object.keys(bind).length > 0 && { bind }) };
    }
    default:
      say(key, `a mount of the type ${type} is not taken`, { instead: 'bind, volume or tmpfs' });
      return undefined;
  }
}

function inMemory({ size, mode }: NonNullable<ComposeMount['tmpfs']>): object {
  return {
    ...(size !== undefined && { size }),
    ...(mode !== undefined && { mode: typeof mode === 'string' ? Number.parseInt(mode, 8) : mode }),
  };
}

/** Secrets and configs: a file of this machine is mounted, read-only; a text is put into the container before it starts. */
export function mountedFiles(kind: 'secrets' | 'configs', given: Given<'secrets'>, taking: Taking): Fields {
  const short: OurVolume[] = [];
  const files: NonNullable<Fields['files']>[number][] = [];
  given.forEach((one, index) => {
    const { source, target: wanted = source, uid, gid, mode } = one;
    const key = `${kind}.${index}`;
    const said = taking.model[kind]?.[source];
    if (said === undefined) {
      taking.say(key, `there is no ${source} among the file’s \`${kind}\``);
      return;
    }
    const root = kind === 'secrets' ? '/run/secrets/' : '/';
    const target = wanted.startsWith('/') ? wanted : `${root}${wanted}`;
    if (said.file !== undefined) {
      if (uid !== undefined || gid !== undefined || mode !== undefined)
        taking.say(key, 'uid, gid and mode mean nothing for a file, which is mounted as it is', {
          level: 'warning',
          instead: 'give the file itself the owner and mode',
        });
      short.push({ host: taking.shown(said.file), container: target, mode: 'ro' });
      return;
    }
    const content = contentOf(source, said, kind, taking);
    if (content === undefined) return;
    files.push({
      target,
      content,
      ...(uid !== undefined && { uid: Number(uid) }),
      ...(gid !== undefined && { gid: Number(gid) }),
      ...(mode !== undefined && { mode: typeof mode === 'string' ? Number.parseInt(mode, 8) : mode }),
    });
  });
  return { ...(short.length > 0 && { volumes: short }), ...(files.length > 0 && { files }) };
}

function contentOf(
  name: string,
  said: ComposeFile,
  kind: 'secrets' | 'configs',
  { say, variables, purpose }: Taking,
): string | undefined {
  if (externalName(name, said) !== undefined) {
    say(kind, `${name} is external: there is nothing that keeps it without a Swarm`, {
      instead: 'say `file:` or `environment:`',
    });
    return undefined;
  }
  if (said.content !== undefined) return said.content;
  if (said.environment === undefined) {
    say(kind, `${name} says neither \`file\` nor \`environment\` nor \`content\``);
    return undefined;
  }
  if (purpose === 'import') {
    say(
      kind,
      `${name} comes from the variable ${said.environment}, which Berth reads whenever it reads the entry`,
      { level: 'note' },
    );
    return `${REFERENCE}{${said.environment}}`;
  }
  const value = variables[said.environment];
  if (value === undefined) say(kind, `${name} needs the variable ${said.environment}, which is not set`);
  return value;
}
