/** Wrappers as method decorators, with `experimentalDecorators`. @module */

/* oxlint-disable typescript/no-extraneous-class -- a class is what is refused */

import { threaded, threadedIterable, threadedIterableSeparate, threadedSeparate } from '../api.ts';
import { typed } from '../equal.ts';

class Good {
  static factor = 1;

  @threaded static async times(n: number): Promise<number> {
    return n * this.factor;
  }

  @threaded({ timeout: 5 }) async inferred(text: string) {
    return text.length;
  }

  @threaded async ['computed']() {}

  @threadedSeparate({ detach: true }) async alone(n: number): Promise<number> {
    return n;
  }

  @threaded async *mixed() {
    yield 1;
  }

  @threadedIterable async *items() {
    yield 1;
  }

  @threadedIterableSeparate({ maxSize: 2 }) static async *apart() {
    yield 1;
  }
}

typed<Promise<number>>()(Good.times(1));
typed<Promise<number>>()(new Good().inferred('a'));

class Bad {
  // @ts-expect-error: a sync method would still say that it returns a number
  @threaded sync(n: number): number {
    return n;
  }

  // @ts-expect-error: likewise with options
  @threaded({ timeout: 5 }) static syncWithOptions(n: number): number {
    return n;
  }

  // @ts-expect-error: a generator, whose items come later
  @threadedIterable *generator() {
    yield 1;
  }

  // @ts-expect-error: no such option
  @threaded({ timout: 5 }) async option(): Promise<void> {}

  // @ts-expect-error: a getter
  @threaded get getter(): number {
    return 1;
  }

  // @ts-expect-error: a field
  @threaded field = async (): Promise<number> => 1;
}

// @ts-expect-error: a class
@threaded
class Whole {}

export { Bad, Whole };
