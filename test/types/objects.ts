/** The types of objects in threads. Nothing here runs. @module */

import { controls, entityStream, threadedObject } from 'offloop/objects';
import type { EntityStream, ThreadedObject } from 'offloop/objects';
import type { Handle, ThreadedIterator } from 'offloop';
import { same, typed } from './equal.ts';

class Cursor {
  #at = 0;
  next(): number | undefined {
    return (this.#at += 1);
  }
}

class Store {
  static opened = 0;
  static join(...parts: string[]): string {
    return parts.join('/');
  }
  readonly path: string;
  title = '';
  private secret = 1;
  protected hidden = 2;
  #own = 3;

  constructor(path: string, size = 10) {
    this.path = path + size + this.#own;
  }
  get size(): number {
    return this.secret + this.hidden;
  }
  get limit(): number {
    return 1;
  }
  set limit(limit: number) {
    this.title = String(limit);
  }
  get(key: string): string | undefined {
    return key;
  }
  async load<T>(key: string, fallback: T): Promise<T> {
    return key ? fallback : fallback;
  }
  *keys(prefix?: string): Generator<string, number, undefined> {
    yield prefix ?? '';
    return 1;
  }
  async *rows() {
    yield { id: 1 };
  }
  onChange(listener: (key: string) => void): void {
    listener('');
  }
  async each(visit: Handle<(key: string) => number>): Promise<number> {
    return visit('');
  }
  cursor(): Cursor {
    return new Cursor();
  }
  async cursorLater() {
    return new Cursor();
  }
  self(): this {
    return this;
  }
  sorted(): EntityStream<string> {
    return entityStream(['']);
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}

const Threaded = threadedObject(Store, { nested: [Cursor] });
const store = await Threaded.start('path', 1);
await Threaded.with({ instances: 2, supervise: { maxRestarts: 1 } }).start('path');
// @ts-expect-error the constructor takes a string
await Threaded.start(1);
// @ts-expect-error there is no such option
Threaded.with({ instance: 2 });

typed<Promise<string | undefined>>()(store.get('key'));
typed<Promise<number>>()(store.load('key', 1));
typed<Promise<number>>()(store.size);
typed<Promise<string>>()(store.path);
typed<ThreadedIterator<string, number, undefined>>()(store.keys());
typed<Promise<void>>()(store.onChange((key) => key.length));
typed<Promise<number>>()(store.each(async (key) => key.length));
typed<Promise<EntityStream<string>>>()(store.sorted());
for await (const { id } of store.rows()) id.toFixed();
for await (const name of await store.sorted()) name.trim();

const cursor = await store.cursor();
typed<Promise<number | undefined>>()(cursor.next());
typed<Promise<number | undefined>>()((await store.cursorLater()).next());
await cursor.release();

await store.set('title', 'a');
await store.set('limit', 2);
// @ts-expect-error it is read-only
await store.set('path', 'a');
// @ts-expect-error it has no setter
await store.set('size', 1);
// @ts-expect-error it is a number
await store.set('limit', 'a');
// @ts-expect-error a method cannot be set
await store.set('get', () => '');
// @ts-expect-error an assignment cannot be awaited
store.title = 'a';
// @ts-expect-error it is private
void store.secret;
// @ts-expect-error it is protected
void store.hidden;

typed<Promise<string>>()(store.statics.join('a', 'b'));
typed<Promise<number>>()(store.statics.opened);
typed<Promise<string | undefined>>()(store.with({ timeout: 5, key: 'a' }).get('key'));
same<Awaited<typeof store>, typeof store>();
await using _released = store;

// A member hides the control of the same name.
class Table {
  set(key: string, value: number): number {
    return key.length + value;
  }
  release(): string {
    return 'mine';
  }
}
const table = await threadedObject(Table).start();
typed<Promise<number>>()(table.set('a', 1));
typed<Promise<string>>()(table.release());
typed<Promise<void>>()(controls(table).release());
same<typeof table extends ThreadedObject<Table, typeof Table, typeof Table> ? true : false, true>();

// @ts-expect-error not a class
threadedObject(() => 1);
// @ts-expect-error not a class
threadedObject(Store, { nested: [1] });

// What the members take and give, is inferred.
type Shape = { kind: 'circle'; r: number } | { kind: 'square'; a: number };
abstract class Base<T> {
  protected readonly items: T[] = [];
  inherited(): readonly T[] {
    return this.items;
  }
}
class Shapes<T extends Shape = Shape> extends Base<T> {
  static readonly version: string = '1';
  static *kinds(): Generator<'circle' | 'square', void, undefined> {
    yield 'circle';
  }
  static #hidden = 1;
  mayFail?: number;
  isOpen = false;
  handler: (shape: T) => void = () => {};
  find(kind: 'circle'): Extract<T, { kind: 'circle' }> | undefined;
  find(kind: 'square', size: number): Extract<T, { kind: 'square' }> | undefined;
  find(kind: string, size = Shapes.#hidden): T | undefined {
    return this.items.find((item) => item.kind === kind && size > 0);
  }
  map<U>(by: Handle<(item: T) => U>, ...more: number[]): Promise<Awaited<U>[]> {
    return Promise.all([...this.items, ...more].map((item) => by(item as T))) as never;
  }
  async *pages(size = 1): AsyncGenerator<T[], string, boolean> {
    if (yield this.items.slice(0, size)) return 'early';
    return 'end';
  }
  get [Symbol.toStringTag](): string {
    return 'Shapes';
  }
}
const shapes = await threadedObject(Shapes).start();
typed<Promise<readonly Shape[]>>()(shapes.inherited());
typed<Promise<number | undefined>>()(shapes.mayFail);
typed<Promise<boolean>>()(shapes.isOpen);
typed<Promise<string>>()(shapes.statics.version);
typed<ThreadedIterator<'circle' | 'square', void, undefined>>()(shapes.statics.kinds());
typed<ThreadedIterator<Shape[], string, boolean>>()(shapes.pages(2));
await shapes.set('mayFail', undefined);
// @ts-expect-error it is protected
void shapes.items;
// @ts-expect-error it is read-only
await shapes.statics.set('version', '2');
// Of the overloads of a method that is not `async`, TypeScript can derive from the last only.
typed<Promise<{ kind: 'square'; a: number } | undefined>>()(shapes.find('square', 1));
// @ts-expect-error it is not the last overload
await shapes.find('circle');
// @ts-expect-error there is no such member
shapes.nothing();
// @ts-expect-error there is no such member of the class
shapes.statics.nothing();
// @ts-expect-error a symbol is not sent
void shapes[Symbol.toStringTag];
// @ts-expect-error keys are strings and numbers
shapes.with({ key: {} });
// @ts-expect-error an abstract class has no instances
threadedObject(Base);
