/** The types of the parameters and results of wrapped functions. @module */

/* oxlint-disable typescript/no-explicit-any -- what `any` becomes is tested, too */

import { threaded } from './api.ts';
import type { Offloaded, Threaded } from './api.ts';
import { same, typed } from './equal.ts';

// A plain function: a promise of its result, with the parameters it has.
const add = threaded(function add(x: number, y = 1) {
  return x + y;
});
same<typeof add, Threaded<(x: number, y?: number) => number>>();
typed<Promise<number>>()(add(1));
typed<number>()(add.syncCall(1, 2));
typed<Promise<number>>()(add.asyncCall(1, 2));
typed<Promise<number>>()(add.with({ timeout: 5 })(1, 2));
typed<string>()(add.name);
typed<number>()(add.length);
// @ts-expect-error: a wrong argument
void add('x');
// @ts-expect-error: an argument too many
void add(1, 2, 3);
// @ts-expect-error: a wrong argument, also with options
void add.with({})('x');
// @ts-expect-error: the result is a promise
const sum: number = add(1);
// @ts-expect-error: `syncCall` is read-only
add.syncCall = (x) => x;

// Recursion, here and now: the inner name is the function itself.
const inner = threaded(function fib(n: number): number {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
});
typed<Promise<number>>()(inner(3));
const outer = threaded((n: number): number => (n < 2 ? n : outer.syncCall(n - 1) + outer.syncCall(n - 2)));
typed<Promise<number>>()(outer(3));

// Results of every kind.
typed<Promise<number>>()(threaded(async (text: string) => text.length)('x'));
typed<Promise<void>>()(threaded((x: number): void => void x)(1));
typed<Promise<undefined>>()(threaded(() => undefined)());
typed<Promise<never>>()(
  threaded((): never => {
    throw new Error('no');
  })(),
);
typed<Promise<string | number>>()(threaded((x: number): number | Promise<string> => x)(1));
typed<Promise<boolean>>()(threaded((x: boolean): boolean => x)(true));
typed<Promise<unknown>>()(threaded((x: unknown): unknown => x)(1));
typed<PromiseLike<number>>()(threaded((x: PromiseLike<number>) => x)(Promise.resolve(1)));
typed<Promise<{ ok: true } | { ok: false }>>()(threaded((): { ok: true } | { ok: false } => ({ ok: true }))());
const loose = threaded((x: any): any => x);
typed<Promise<any>>()(loose(1));
typed<any>()(loose.syncCall(1));
same<Offloaded<Promise<Promise<1>>>, Promise<1>>();

// A subclass of `Promise` does not cross: the call gives a plain one.
declare class Query extends Promise<number> {
  limit(count: number): this;
}
typed<Promise<number>>()(threaded((): Query => Query.resolve(1) as Query)());

// Parameters of every kind.
const rest = threaded((first: string, ...others: number[]) => others.length);
typed<Promise<number>>()(rest('a', 1, 2));
const tuple = threaded((...pair: [string, number?]) => pair.length);
typed<Promise<1 | 2>>()(tuple('a'));

// Lists and values that have a `next` of their own are not generators.
typed<Promise<number[]>>()(threaded(() => [1, 2])());
interface Node {
  next: Node | undefined;
}
typed<Promise<Node>>()(threaded((node: Node) => node)({ next: undefined }));

// A function without parameters of its own, and methods by reference.
typed<Promise<number>>()(threaded(Math.random)());
typed<Promise<unknown>>()(threaded(structuredClone as (value: unknown) => unknown)(1));

// `this` parameters stay.
function area(this: { width: number }, height: number): number {
  return this.width * height;
}
const box = { width: 2, area: threaded(area) };
typed<Promise<number>>()(box.area(3));
typed<Promise<number>>()(threaded(area).call({ width: 1 }, 2));
// @ts-expect-error: no `this` to call it on
void threaded(area)(3);
async function areaLater(this: { width: number }, height: number): Promise<number> {
  return this.width * height;
}
typed<Promise<number>>()(threaded(areaLater).call({ width: 1 }, 2));
// @ts-expect-error: no `this` to call it on
void threaded(areaLater)(3);

// Type parameters: all stay in an `async` function, and in `syncCall` always.
const firstLater = threaded(async function first<T>(items: T[]): Promise<T | undefined> {
  return items[0];
});
typed<Promise<string | undefined>>()(firstLater(['a']));
typed<Promise<number | undefined>>()(firstLater.asyncCall([1]));
typed<Promise<number | undefined>>()(firstLater.with({ priority: 1 })([1]));
typed<Promise<number | undefined>>()(firstLater.syncCall([1]));
const first = threaded(function first<T>(items: T[]): T | undefined {
  return items[0];
});
typed<string | undefined>()(first.syncCall(['a']));
typed<Promise<unknown>>()(first(['a']));
const named = { id: 1, name: 'a' };
const bounded = threaded(<T extends { id: number }>(item: T): T => item);
typed<Promise<{ id: number }>>()(bounded(named));
typed<{ id: number; name: string }>()(bounded.syncCall(named));

// Overloads: likewise. Of those of a plain function the call takes the last.
async function doubleLater(x: string): Promise<string>;
async function doubleLater(x: number): Promise<number>;
async function doubleLater(x: any): Promise<any> {
  return x + x;
}
const twiceLater = threaded(doubleLater);
typed<Promise<string>>()(twiceLater('a'));
typed<Promise<number>>()(twiceLater(1));
typed<Promise<string>>()(twiceLater.with({})('a'));
function double(x: string): string;
function double(x: number): number;
function double(x: any): any {
  return x + x;
}
const twice = threaded(double);
typed<string>()(twice.syncCall('a'));
typed<number>()(twice.syncCall(1));
typed<Promise<number>>()(twice(1));
// @ts-expect-error: not the last overload
void twice('a');

// A wrapper is a function of its own type, also in a list or as a parameter.
const jobs: ((x: number) => Promise<number>)[] = [add, inner, add.asyncCall, add.with({ key: 'a' })];
void Promise.all([1, 2].map((n) => add(n)));
export { jobs, sum };
