/** Modules that one does not own. @module */

/* oxlint-disable typescript/no-explicit-any -- what `any` becomes is tested, too */

import { offload } from './api.ts';
import type { AsyncOf, Offload, ThreadPool } from './api.ts';
import { same, typed } from './equal.ts';
import type * as sample from './sample-module.ts';

declare const pool: ThreadPool;

const lib = offload(() => import('./sample-module.ts'));
same<typeof lib, Offload<typeof sample>>();

// Functions and the default export, at every depth of plain objects.
same<keyof typeof lib, 'default' | 'parse' | 'later' | 'identity' | 'nested' | 'returnsAny'>();
typed<Promise<number>>()(lib.parse('a'));
typed<Promise<string>>()(lib.later('a'));
typed<Promise<{ a: number }>>()(lib.identity({ a: 1 }));
typed<Promise<number>>()(lib.default('a'));
typed<Promise<any>>()(lib.returnsAny());
typed<Promise<boolean>>()(lib.nested.deeper.check(1));
same<keyof typeof lib.nested, 'twice' | 'deeper'>();
same<typeof lib.nested.twice, AsyncOf<(n: number) => number>>();
// @ts-expect-error: a wrong argument
void lib.parse(1);
// @ts-expect-error: nothing can be changed
lib.parse = async () => 1;
// @ts-expect-error: a value
void lib.version;
// @ts-expect-error: a value that could be anything
void lib.opaque;
// @ts-expect-error: a class
void lib.Parser;
// @ts-expect-error: a generator function
void lib.count;
// @ts-expect-error: a list has methods, but they are not the module's
void lib.list;
// @ts-expect-error: as has a map
void lib.table;
// @ts-expect-error: as has a date
void lib.birth;
// @ts-expect-error: a value in a nested object
void lib.nested.label;
// @ts-expect-error: there is no such export
void lib.nothing;

// Built-in modules, a default export that is an object, and a module without types.
const zlib = offload(() => import('node:zlib'), { pool, timeout: 5 });
typed<Promise<number>>()(zlib.crc32('a'));
typed<Promise<NonSharedBuffer>>()(zlib.default.gzipSync('a'));
const os = offload(() => import('node:os'));
typed<Promise<number>>()(os.availableParallelism());
declare const untyped: () => Promise<any>;
typed<any>()(offload(untyped));

// @ts-expect-error: a module, not a function that imports it
offload(import('./sample-module.ts'));
// @ts-expect-error: a name of a module
offload('./sample-module.ts');
// @ts-expect-error: not a promise of a module
offload(() => 1);
// @ts-expect-error: no such option
offload(() => import('./sample-module.ts'), { timout: 5 });
