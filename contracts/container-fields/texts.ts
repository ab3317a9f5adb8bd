import { z } from 'zod';

/** What the engine takes as the name of a container or volume: one character alone it refuses. */
export const engineName = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}$/,
    'a letter or digit, then letters, digits and _.- (2 to 255 characters)',
  );

/** What the engine takes as the name of a network. */
export const networkName = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/,
    'a letter or digit, then letters, digits and _.- (255 at most)',
  );

/** A variable’s name. */
export const envName = z.string().regex(/^[^=\0\s]+$/, 'a name without spaces and without =');

/** A variable’s or label’s value, as text. */
export const envValue = z
  .union([z.string(), z.number(), z.boolean()])
  .transform(String)
  .pipe(z.string().regex(/^[^\0]*$/, 'text without NUL'));

/** A word of a command. */
export const word = z
  .string()
  .regex(/^[^\0]*$/, 'text without NUL')
  .max(131_072);

export const containerPath = z
  .string()
  .regex(/^\/[^\0:]*$/, 'an absolute path inside the container, without a colon')
  .max(4096);

/** A path of this machine, as the one who writes it may say it. */
export const hostPath = z
  .string()
  .regex(/^(\/|\.\.?(\/|$)|~(\/|$))[^\0:\r\n]*$/, 'a path: absolute, or beginning with ./ ../ or ~/')
  .max(4096);

/** An absolute path of the engine’s machine that is no file of the user’s: a device, say. */
export const devicePath = z
  .string()
  .regex(/^\/[^\0:\r\n]*$/, 'an absolute path, without a colon')
  .max(4096);

/** One line of text. */
export const line = z
  .string()
  .min(1)
  .max(8192)
  .regex(/^[^\0\r\n]*$/, 'one line of text');

/** A short word of letters, digits and a few signs: the name of a driver, a runtime, a capability. */
export const token = z
  .string()
  .max(256)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:/+-]*$/, 'letters, digits and _.:/+-, without spaces');

/** Names and texts of options: `max-size: 10m`. */
export const options = z.record(
  z
    .string()
    .max(512)
    .regex(/^[^\s\0=]+$/, 'a name without spaces and without ='),
  z
    .union([z.string(), z.number(), z.boolean()])
    .transform(String)
    .pipe(z.string().regex(/^[^\0\r\n]*$/, 'one line of text')),
);

/** The name or id of another container. */
export const peerName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/, 'the name of a container of ours');

/** Ports like `80`, `53/udp`, `8000-8010/tcp`. */
export const portText = z
  .union([z.int().min(1).max(65_535), z.string()])
  .transform(String)
  .pipe(
    z
      .string()
      .regex(/^\d{1,5}(-\d{1,5})?(\/(tcp|udp|sctp))?$/, 'a port like 80, 53/udp or 8000-8010')
      .refine((text) => {
        const [from = 0, to = from] = (text.split('/')[0] ?? '').split('-').map(Number);
        return from >= 1 && to <= 65_535 && from <= to;
      }, 'ports are from 1 to 65535, the smaller one first'),
  );

/** A name and its address. */
export const hostEntry = z
  .string()
  .max(512)
  .regex(
    /^[a-zA-Z0-9_.-]+[:=](\[?[0-9a-fA-F:.]+\]?|host-gateway)$/,
    'like name:10.0.0.1 or name:host-gateway',
  );
