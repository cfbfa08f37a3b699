/** The areas that the table of `docs/bun-and-deno.md` has, and the folders of `test/` that show each. @module */

export type Area = keyof typeof areas;

export const areas = {
  'Calls and threads': [
    'base',
    'call',
    'job',
    'pool',
    'threads',
    'wire',
    'wrappers',
    'exit.test.ts',
    'own-timers.test.ts',
  ],
  'Where functions live': ['address'],
  'Values and errors': ['codec'],
  Iterators: ['channel'],
  'Waits in threads': ['bridge', 'wait'],
  Context: ['context'],
  'Events, locks, channels': ['sync'],
  Streams: ['streams'],
  Flows: ['flow'],
  Objects: ['objects'],
  Topics: ['topics'],
  'The cache': ['cache'],
  'Network streams': ['sources', 'sse'],
  'Other machines': ['fleet'],
  'Metrics and the monitor': ['metrics', 'monitor'],
} as const satisfies Record<string, readonly string[]>;
