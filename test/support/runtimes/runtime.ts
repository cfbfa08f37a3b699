/** Which runtime runs these tests. @module */

/** The runtimes beside Node.js on which the suite is run. */
export type Runtime = 'bun' | 'deno';

/** The one that runs this; `undefined` in Node.js. */
export const runtime: Runtime | undefined = (['bun', 'deno'] as const).find((name) => name in process.versions);
