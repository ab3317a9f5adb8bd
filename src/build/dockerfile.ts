import { basename } from 'node:path';
import type { BuildFile } from '../../contracts/container-fields/build-source.ts';
import { execForm, oneLine, oneWord, quotedValue, refuse, variableName } from './quote.ts';

/** Who owns what is copied, and how it may be used. */
export interface CopyOptions {
  readonly chown?: string;
  /** Needs BuildKit. */
  readonly chmod?: string;
}

export interface RunOptions {
  /** `--mount=…`, as BuildKit has them: `type=secret,id=token`, `type=cache,target=/cache`. */
  readonly mounts?: readonly string[];
  readonly network?: 'default' | 'none' | 'host';
}

export interface HealthOptions {
  /** Seconds. */
  readonly interval?: number;
  readonly timeout?: number;
  readonly start_period?: number;
  readonly retries?: number;
}

export interface StageOptions {
  /** Name of the stage, for `copyFrom` and `target`. */
  readonly as?: string;
  readonly platform?: string;
}

/** `$` begins a variable, as in every Dockerfile, unless the value is to be taken literally. */
export interface ValueOptions {
  readonly literal?: boolean;
}

type Values = Readonly<Record<string, string | number | boolean>>;
type Command = string | readonly string[];

/**
 * A Dockerfile in the making, and the files that it copies. Nothing changes it: every call answers a new one. Spread it into
 * `build`: `images.build({ name: 'app', ...dockerfile('alpine').run('apk add curl') })`. A string is a command of the shell, a list
 * exact words. Throws invalid_input for what would break out of its instruction.
 */
export class Dockerfile {
  /** Its text, newline at the end. */
  readonly dockerfile: string;
  /** What goes into the context, by its path there. */
  readonly files: BuildFile[];

  constructor(dockerfile: string, files: BuildFile[]) {
    this.dockerfile = dockerfile;
    this.files = files;
    Object.freeze(this);
  }

  /** A further stage; what follows belongs to it. */
  from(image: string, options: StageOptions = {}): Dockerfile {
    return this.#with(fromLine(image, options));
  }

  run(command: Command, { mounts = [], network }: RunOptions = {}): Dockerfile {
    const flags = [
      ...mounts.map((mount) => `--mount=${oneWord(mount, 'mount')} `),
      ...(network === undefined ? [] : [`--network=${network} `]),
    ];
    return this.#with(`RUN ${flags.join('')}${commandForm(command, 'run')}`);
  }

  /** Several commands of the shell in one layer, each only if the one before went well. */
  runAll(...commands: readonly string[]): Dockerfile {
    return this.#with(
      `RUN ${commands.map((command) => oneLine(command, 'run')).join(' && ') || refuse('runAll: no command')}`,
    );
  }

  /** A file or folder of this machine (absolute path). Of a folder what is in it; a file gets its own name when `to` ends in `/`. */
  copy(source: string | readonly string[], to: string, options: CopyOptions = {}): Dockerfile {
    return this.#put('COPY', [source].flat(), to, options);
  }

  /** From another stage, or from an image. */
  copyFrom(
    stage: string,
    source: string | readonly string[],
    to: string,
    options: CopyOptions = {},
  ): Dockerfile {
    const flags = `--from=${oneWord(stage, 'copyFrom')} ${copyFlags(options)}`;
    return this.#with(`COPY ${flags}${execForm([...[source].flat(), to], 'copyFrom')}`);
  }

  /** A file of that content. */
  write(to: string, content: string, options: CopyOptions = {}): Dockerfile {
    const path = `added/${this.files.length}/${to.endsWith('/') ? refuse('write: name a file, not a folder') : safeName(to)}`;
    return this.#with(`COPY ${copyFlags(options)}${execForm([path, to], 'write')}`, [{ path, content }]);
  }

  /** A tar of this machine (plain, gzip, bzip2, xz), unpacked at `to`. */
  addArchive(source: string, to: string, options: CopyOptions = {}): Dockerfile {
    return this.#put('ADD', [source], to, options);
  }

  /** What an address answers. */
  addUrl(url: string, to: string, options: CopyOptions = {}): Dockerfile {
    if (!URL.canParse(url)) refuse(`addUrl: \`${url.slice(0, 80)}\` is no address`);
    return this.#with(`ADD ${copyFlags(options)}${execForm([url, to], 'addUrl')}`);
  }

  env(values: Values, options: ValueOptions = {}): Dockerfile {
    return this.#with(`ENV ${pairs(values, 'env', options)}`);
  }

  label(values: Values, options: ValueOptions = {}): Dockerfile {
    return this.#with(`LABEL ${pairs(values, 'label', options)}`);
  }

  /** A variable of the build; `build_args` give it another value. */
  arg(name: string, preset?: string): Dockerfile {
    const value = preset === undefined ? '' : `=${quotedValue(preset, 'arg')}`;
    return this.#with(`ARG ${variableName(name, 'arg')}${value}`);
  }

  expose(...ports: readonly (number | string)[]): Dockerfile {
    const all = ports.map(String);
    const wrong = all.find((port) => !/^\d{1,5}(-\d{1,5})?(\/(tcp|udp|sctp))?$/.test(port));
    if (wrong !== undefined || all.length === 0) refuse(`expose: \`${wrong ?? ''}\` is no port`);
    return this.#with(`EXPOSE ${all.join(' ')}`);
  }

  volume(...folders: readonly string[]): Dockerfile {
    return this.#with(`VOLUME ${execForm(folders, 'volume')}`);
  }

  /** For what follows, and for the container. */
  user(user: string): Dockerfile {
    return this.#with(`USER ${oneWord(user, 'user')}`);
  }

  /** For what follows, and for the container; made if missing. */
  workDir(folder: string): Dockerfile {
    return this.#with(`WORKDIR ${oneLine(folder, 'workDir')}`);
  }

  entrypoint(command: Command): Dockerfile {
    return this.#with(`ENTRYPOINT ${commandForm(command, 'entrypoint')}`);
  }

  command(command: Command): Dockerfile {
    return this.#with(`CMD ${commandForm(command, 'command')}`);
  }

  /** The shell that runs commands that are strings. */
  shell(words: readonly string[]): Dockerfile {
    return this.#with(`SHELL ${execForm(words, 'shell')}`);
  }

  stopSignal(signal: string | number): Dockerfile {
    return this.#with(`STOPSIGNAL ${oneWord(String(signal), 'stopSignal')}`);
  }

  /** `none`: without the base image’s. */
  healthCheck(test: Command | 'none', options: HealthOptions = {}): Dockerfile {
    if (test === 'none') return this.#with('HEALTHCHECK NONE');
    const { interval, timeout, start_period, retries } = options;
    const flags = Object.entries({ interval, timeout, 'start-period': start_period })
      .filter(([, value]) => value !== undefined)
      .map(([flag, value]) => `--${flag}=${value}s `);
    if (retries !== undefined) flags.push(`--retries=${retries} `);
    return this.#with(`HEALTHCHECK ${flags.join('')}CMD ${commandForm(test, 'healthCheck')}`);
  }

  /** Each line of it a comment. */
  comment(text: string): Dockerfile {
    const lines = text.split(/\r\n|[\r\n]/).map((line) => `# ${line.replaceAll('\0', '')}`.trimEnd());
    return this.#with(lines.join('\n'));
  }

  blank(): Dockerfile {
    return this.#with('');
  }

  toString(): string {
    return this.dockerfile;
  }

  #with(line: string, files: readonly BuildFile[] = []): Dockerfile {
    return new Dockerfile(`${this.dockerfile}${line}\n`, [...this.files, ...files]);
  }

  #put(
    instruction: 'COPY' | 'ADD',
    sources: readonly string[],
    to: string,
    options: CopyOptions,
  ): Dockerfile {
    if (sources.length === 0) refuse('copy: nothing to copy');
    const files = sources.map((from, index) => {
      if (!from.startsWith('/') || /[\0\r\n]/.test(from))
        refuse(`copy: \`${from.slice(0, 80)}\`: an absolute path, please; whoever builds may be elsewhere`);
      return { path: `added/${this.files.length + index}/${safeName(from)}`, from };
    });
    const words = execForm([...files.map(({ path }) => path), to], 'copy');
    return this.#with(`${instruction} ${copyFlags(options)}${words}`, files);
  }
}

/** Begin a Dockerfile from a base image. */
export function dockerfile(image: string, options: StageOptions = {}): Dockerfile {
  return new Dockerfile(`${fromLine(image, options)}\n`, []);
}

function fromLine(image: string, { as, platform }: StageOptions): string {
  const flag = platform === undefined ? '' : `--platform=${oneWord(platform, 'platform')} `;
  if (as !== undefined && !/^[a-z][a-z0-9-_.]*$/.test(as))
    refuse(`from: \`${as.slice(0, 80)}\` is no name of a stage: small letters, digits and -_.`);
  return `FROM ${flag}${oneWord(image, 'from')}${as === undefined ? '' : ` AS ${as}`}`;
}

function commandForm(command: Command, what: string): string {
  if (typeof command !== 'string') return execForm(command, what);
  const line = oneLine(command, what);
  // It would be taken for the exec form.
  return line.startsWith('[') || line.startsWith('--') ? ` : && ${line}`.trim() : line;
}

function copyFlags({ chown, chmod }: CopyOptions): string {
  const one = (flag: string, value: string | undefined): string =>
    value === undefined ? '' : `--${flag}=${oneWord(value, flag)} `;
  return one('chown', chown) + one('chmod', chmod);
}

function pairs(values: Values, what: string, options: ValueOptions): string {
  const all = Object.entries(values).map(([name, value]) => {
    const key = what === 'label' ? labelName(name) : variableName(name, what);
    return `${key}=${quotedValue(String(value), `${what} ${name}`, options)}`;
  });
  return all.length === 0 ? refuse(`${what}: nothing is named`) : all.join(' ');
}

function labelName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_./-]*$/.test(name)) return name;
  return refuse(`label: \`${name.slice(0, 80)}\`: letters, digits and _./-`);
}

/** The file’s own name, which is in the image when it is copied into a folder. */
function safeName(path: string): string {
  const name = basename(path);
  if (name === '' || name === '.' || name === '..') return 'all';
  if (/[*?[\]\\$"\0\r\n]/.test(name))
    refuse(`copy: \`${name.slice(0, 80)}\`: a name with *?[]\\$" would be taken for a pattern or a variable`);
  return name;
}
