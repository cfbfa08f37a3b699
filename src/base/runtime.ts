/** Which runtime runs the library. @module */

export const isDeno: boolean = 'deno' in process.versions;

/** Whether this is Bun or Deno, which have most of what Node.js has, but not all of it. */
export const isOtherRuntime: boolean = isDeno || 'bun' in process.versions;
