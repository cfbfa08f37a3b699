/** Callbacks as arguments. @module */

import { threaded } from './api.ts';
import type { Handle } from './api.ts';
import { typed } from './equal.ts';

declare const sizes: Map<string, number>;

// A callback whose result counts: inside, it is awaited.
const total = threaded(async (names: string[], sizeOf: Handle<(name: string) => number>): Promise<number> => {
  let sum = 0;
  for (const name of names) sum += await sizeOf(name);
  // @ts-expect-error: in a thread it is a promise
  sum += sizeOf('a');
  // @ts-expect-error: a wrong argument
  await sizeOf(1);
  return sum;
});

// The caller passes a function of either kind; its parameter needs no type.
typed<Promise<number>>()(total(['a'], (name) => name.length));
typed<Promise<number>>()(total(['a'], async (name) => name.length));
typed<Promise<number>>()(total(['a'], (name) => sizes.get(name) ?? Promise.resolve(1)));
typed<Promise<number>>()(total.syncCall(['a'], () => 1));
typed<Promise<number>>()(total.with({ timeout: 5 })(['a'], () => 1));
// @ts-expect-error: a wrong result
void total(['a'], () => 'one');
// @ts-expect-error: a promise of a wrong result
void total(['a'], async () => 'one');
// @ts-expect-error: a wrong parameter
void total(['a'], (n: number) => n);
// @ts-expect-error: no function
void total(['a'], 1);

// The same in a function that is not async.
const mapped = threaded((names: string[], sizeOf: Handle<(name: string) => number>) =>
  Promise.all(names.map(async (name) => sizeOf(name))),
);
typed<Promise<number[]>>()(mapped(['a'], (name) => name.length));
typed<Promise<number[]>>()(mapped(['a'], async (name) => name.length));

// The type may be given as that of an async function, too.
const fetched = threaded(async (load: Handle<(id: number) => Promise<string>>) => (await load(1)).length);
typed<Promise<number>>()(fetched(async (id) => String(id)));
typed<Promise<number>>()(fetched((id) => Promise.resolve(String(id))));

// A callback whose result nobody takes: any function will do, with `Handle` and without.
const done: number[] = [];
const plain = threaded((count: number, progress: (n: number) => void) => {
  for (let n = 0; n < count; n += 1) progress(n);
});
void plain(1, (n) => done.push(n));
// oxlint-disable-next-line typescript/no-misused-promises -- that it compiles is the point
void plain(1, async (n) => done.push(n));
const held = threaded(async (progress: Handle<(n: number) => void>) => {
  await progress(1);
});
void held((n) => done.push(n));
void held(async (n) => void done.push(n));
void held((n) => void n);

// Optional ones.
const optional = threaded(async (progress?: Handle<(n: number) => void>) => {
  await progress?.(1);
});
void optional();
void optional((n) => done.push(n));
