import type { EngineInfo, EngineVersion } from '../../../contracts/system-info.ts';

/** What is known of an engine. */
export interface EngineFacts {
  readonly version: Pick<EngineVersion, 'api'>;
  readonly info: EngineInfo;
  /** Names of the plugins that are installed and switched on; left out: they are not known. */
  readonly plugins?: readonly string[];
}
