/** Which runtime runs the library. @module */

/** Whether this is Bun or Deno, which have most of what Node.js has, but not all of it. */
export const isOtherRuntime: boolean = 'bun' in process.versions || 'deno' in process.versions;
