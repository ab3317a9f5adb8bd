import { isContractError } from '../../../contracts/contract-error.ts';

/** What is done to a container, or to the group of that name when no container has it. Throws what the container’s call threw when there is no such group either. */
export async function orGroup<T extends object>(
  container: () => Promise<T>,
  group: () => Promise<T>,
): Promise<T> {
  try {
    return await container();
  } catch (error) {
    if (!isContractError(error, 'not_found')) throw error;
    try {
      return await group();
    } catch (later) {
      throw isContractError(later, 'not_found') ? error : later;
    }
  }
}
