import type { Data, DataMap } from '../reading/places.ts';
import { type At, items, type Shaping } from './shaping.ts';

const SHORT =
  /^(?:(?<host_ip>\[[0-9a-fA-F:.]+\]|\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]*::[0-9a-fA-F:.]*):)?(?:(?<published>\d+(?:-\d+)?)?:)?(?<target>\d+(?:-\d+)?)(?:\/(?<protocol>[a-z]+))?$/i;

/** Ports in the long form, one port each: ranges are taken apart. */
export const ports = items((item, shaping, at): readonly Data[] => {
  if (typeof item === 'object' && item !== null && !Array.isArray(item)) return longForm(item);
  const { host_ip, published, target, protocol } = SHORT.exec(String(item))?.groups ?? {};
  if (target === undefined) {
    shaping.complain(at.path, at.place, `\`${String(item)}\` is no port`, {
      instead: 'write HOST:CONTAINER, like "8080:80" or "127.0.0.1:8080:80/udp"',
    });
    return [];
  }
  const common: DataMap = {
    mode: 'ingress',
    protocol: protocol?.toLowerCase() ?? 'tcp',
    ...(host_ip !== undefined && { host_ip: host_ip.replace(/^\[|\]$/g, '') }),
  };
  return spread(target, published, common, shaping, at);
});

function longForm(item: DataMap): readonly Data[] {
  return [{ mode: 'ingress', protocol: 'tcp', ...item, ...textOf('published', item['published']) }];
}

function textOf(key: string, value: Data | undefined): DataMap {
  return typeof value === 'number' ? { [key]: String(value) } : {};
}

function spread(
  target: string,
  published: string | undefined,
  common: DataMap,
  { complain }: Shaping,
  at: At,
): readonly Data[] {
  const inside = range(target);
  if (published === undefined) return inside.map((port) => ({ ...common, target: port }));
  const outside = range(published);
  if (inside.length === 1 && outside.length > 1) return [{ ...common, target: inside[0] ?? 0, published }];
  if (inside.length !== outside.length) {
    complain(at.path, at.place, `the ranges ${published} and ${target} are not of one length`);
    return [];
  }
  return inside.map((port, index) => ({ ...common, target: port, published: String(outside[index]) }));
}

function range(text: string): readonly number[] {
  const [from = 0, to = from] = text.split('-').map(Number);
  return Array.from({ length: Math.max(0, Math.min(to - from + 1, 65_536)) }, (_, index) => from + index);
}
