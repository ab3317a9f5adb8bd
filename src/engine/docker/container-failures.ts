import { ContractError } from '../../../contracts/contract-error.ts';
import type { ContainerCalls, CreateContainer } from '../port/container-calls.ts';

/** Why a create failed: the name is taken (by whom), the image or a network is missing, or what the engine said. */
export async function createFailure(
  error: unknown,
  request: CreateContainer,
  inspect: ContainerCalls['inspect'],
): Promise<unknown> {
  if (!(error instanceof ContractError)) return error;
  if (error.code === 'wrong_state' && /name .* in use/i.test(error.message)) {
    // The engine names the holder even while that one is only being made and cannot be inspected yet.
    const holder = HOLDER.exec(error.message)?.[1] ?? (await inspect(request.name))?.id;
    return new ContractError(
      'name_conflict',
      `the name ${request.name} is taken by container ${holder?.slice(0, 12) ?? '(gone again)'}`,
      { cause: error, details: { holder: holder ?? null } },
    );
  }
  if (error.code === 'not_found' && /no such image/i.test(error.message))
    return new ContractError('image_not_found', error.message, { cause: error });
  return error;
}

const HOLDER = /in use by \D*?\b([0-9a-f]{64})\b/;
const PORT =
  /(?:Bind for \S*?:(\d+) failed|host port (?:for )?\S*?:(\d+)[:/]|listen (?:tcp|udp|sctp)[46]? \S*?:(\d+): bind|:(\d+)(?:\/\w+)?: (?:bind: )?address already in use)/i;

/** Why a start failed: a port (and who has it), the command, or what the engine said. */
export async function startFailure(
  error: unknown,
  ref: string,
  list: ContainerCalls['list'],
): Promise<unknown> {
  if (!(error instanceof ContractError)) return error;
  const said = error.message;
  if (/port is already allocated|address already in use/i.test(said)) {
    const port = PORT.exec(said)
      ?.slice(1)
      .find((text) => text !== undefined);
    const holder =
      port === undefined
        ? undefined
        : (await list({})).find(
            ({ id, name, ports }) =>
              id !== ref && name !== ref && ports.some(({ host }) => host === Number(port)),
          );
    const who =
      holder === undefined
        ? 'another program on this machine'
        : `container ${holder.name} (${holder.id.slice(0, 12)})`;
    return new ContractError('port_conflict', `port ${port ?? '(unknown)'} is taken by ${who}`, {
      cause: error,
      details: {
        port: port === undefined ? null : Number(port),
        holder: holder?.id ?? null,
        holder_name: holder?.name ?? null,
      },
    });
  }
  if (error.code === 'not_found' && /network .* not found/i.test(said)) return error;
  const broken = error.code === 'engine_refused' || error.code === 'engine_failed';
  if (broken || (error.code === 'not_found' && !/no such container/i.test(said)))
    return new ContractError('start_failed', said, { cause: error });
  return error;
}
