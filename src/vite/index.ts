/** The plugin for Vite. @module */

export { offloop, offloop as default } from './plugin.ts';
export type { OffloopPlugin } from './plugin.ts';
