export * from '../contracts/index.ts';
export { type App, type AppOptions, createApp } from './app.ts';
export {
  type CopyOptions,
  Dockerfile,
  dockerfile,
  type HealthOptions,
  type RunOptions,
  type StageOptions,
  type ValueOptions,
} from './build/dockerfile.ts';
export { type Connection, connect } from './connect.ts';
export type { Engine } from './engine/engine.ts';
export type { ListenOptions, ProcessApi } from './process-api.ts';
