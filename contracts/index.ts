export * from './container-spec.ts';
export * from './containers.ts';
export * from './contract.ts';
export * from './contract-error.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './registry-entry.ts';
export * from './units.ts';
