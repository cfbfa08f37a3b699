/** Live objects in threads, and byte streams. @module */

export * from './bytes/index.ts';
