/** Wrappers as method decorators. @module */

/* oxlint-disable typescript/no-extraneous-class -- a class is what is refused */

/* oxlint-disable typescript/no-explicit-any -- what `any` becomes is tested, too */

import { threaded, threadedSeparate } from './api.ts';
import { typed } from './equal.ts';

class Good {
  static factor = 1;
  scale = 1;

  @threaded static async times(n: number): Promise<number> {
    return n * this.factor;
  }

  @threaded({ timeout: 5 }) static async slow(n: number): Promise<number> {
    return n * this.factor;
  }

  @threaded async first<T>(items: T[]): Promise<T | undefined> {
    return items[this.scale];
  }

  @threaded({ timeout: 5, priority: 1 }) async inferred(text: string) {
    return text.length;
  }

  @threaded returnsPromise(text: string): Promise<string> {
    return Promise.resolve(text);
  }

  @threaded async #hidden(n: number): Promise<number> {
    return n;
  }

  @threaded static async #hiddenStatic(n: number): Promise<number> {
    return n;
  }

  @threaded async ['computed']() {}

  @threaded async withThis(this: Good, n: number): Promise<number> {
    return this.#hidden(n * this.scale) ?? Good.#hiddenStatic(n);
  }

  @threadedSeparate async alone(n: number): Promise<number> {
    return n;
  }

  @threadedSeparate({ detach: true }) static async detached(n: number): Promise<number> {
    return n;
  }

  async over(x: string): Promise<string>;
  async over(x: number): Promise<number>;
  @threaded async over(x: any): Promise<any> {
    return x;
  }
}

typed<Promise<number>>()(Good.times(1));
typed<Promise<number>>()(Good.slow(1));
typed<Promise<string | undefined>>()(new Good().first(['a']));
typed<Promise<number>>()(new Good().inferred('a'));
typed<Promise<string>>()(new Good().over('a'));

class Bad {
  // @ts-expect-error: a sync method would still say that it returns a number
  @threaded sync(n: number): number {
    return n;
  }

  // @ts-expect-error: likewise with options
  @threaded({ timeout: 5 }) syncWithOptions(n: number): number {
    return n;
  }

  // @ts-expect-error: likewise a static one
  @threaded static sync(n: number): number {
    return n;
  }

  // @ts-expect-error: a method without a result
  @threaded nothing(): void {}

  // @ts-expect-error: a method that returns a promise now and then
  @threaded sometimes(n: number): number | Promise<number> {
    return n;
  }

  // @ts-expect-error: a generator
  @threaded *generator() {
    yield 1;
  }

  @threaded async *asyncGenerator() {
    yield 1;
  }

  // @ts-expect-error: a sync method in a thread of its own
  @threadedSeparate syncAlone(n: number): number {
    return n;
  }

  // @ts-expect-error: likewise with options
  @threadedSeparate({}) syncAloneWithOptions(n: number): number {
    return n;
  }

  // @ts-expect-error: no such option
  @threaded({ timout: 5 }) async option(): Promise<void> {}

  // @ts-expect-error: a getter
  @threaded get getter(): number {
    return 1;
  }

  // @ts-expect-error: a field
  @threaded field = async (): Promise<number> => 1;

  // @ts-expect-error: an accessor
  @threaded accessor held = async (): Promise<number> => 1;
}

// @ts-expect-error: a class
@threaded
class Whole {}

export { Bad, Whole };
