import { ContractError } from '../../../contracts/contract-error.ts';
import type { Draft } from './flag.ts';

type Port = NonNullable<Draft['ports']>[number];

const PUBLISH =
  /^(?:(?:\[([0-9a-fA-F:.]+)\]|(\d+\.\d+\.\d+\.\d+)):(?=.*:|))?(?:(\d+(?:-\d+)?)?:)?(\d+(?:-\d+)?)(?:\/(tcp|udp|sctp))?$/;

/** `80`, `8080:80`, `127.0.0.1:8080:80/udp`, `127.0.0.1::80`, `[::1]:8080:80`, `8000-8002:80-82`. Throws invalid_input. */
export function readPorts(text: string): readonly Port[] {
  const [, six, four, host, container = '', protocol] = PUBLISH.exec(text) ?? [];
  const inside = range(container);
  const outside = host === undefined ? undefined : range(host);
  if (inside.length === 0 || (outside !== undefined && outside.length !== inside.length))
    throw new ContractError('invalid_input', `\`${text}\` is no port to publish`, {
      next: 'Write CONTAINER, HOST:CONTAINER or ADDRESS:HOST:CONTAINER, with /udp after it if need be; ranges must be of one length.',
    });
  const host_ip = six ?? four;
  return inside.map((port, index) => {
    const from = outside?.[index];
    return {
      container: port,
      ...(from !== undefined && { host: from }),
      ...(host_ip !== undefined && { host_ip }),
      ...(protocol !== undefined && {
        protocol: protocol === 'udp' || protocol === 'sctp' ? protocol : 'tcp',
      }),
    };
  });
}

function range(text: string): readonly number[] {
  const [from = 0, to = from] = text === '' ? [] : text.split('-').map(Number);
  if (text === '' || to < from || to - from > 1023) return [];
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
