import { runInThisContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { look, SPECIAL } from '../../src/codec/quick/look.ts';
import { pack } from '../../src/codec/walk/pack.ts';
import { fromThread, sendable, toThread } from '../../src/codec/sendable.ts';
import type { Hole } from '../../src/codec/walk/hole.ts';
import { unpack } from '../../src/codec/walk/unpack.ts';
import { failure, sent } from './round-trip.ts';

class Point {
  x: number;
  y: number;
  next: Point | undefined;
  link = new URL('http://a/');

  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }

  get length(): number {
    return Math.hypot(this.x, this.y);
  }
}
sendable(Point);

class Money {
  readonly #cents: number;

  constructor(cents: number) {
    this.#cents = cents;
  }

  get cents(): number {
    return this.#cents;
  }

  [toThread](): unknown {
    return { cents: this.#cents, memo: Buffer.from('memo') };
  }

  static [fromThread]({ cents }: { cents: number }): Money {
    return new Money(cents);
  }
}
sendable(Money, { name: 'test.Money' });

@sendable
class Decorated {
  a = 1;
}

describe('an instance of a registered class', () => {
  test('arrives with its prototype and a copy of its fields', () => {
    const arrived = sent(new Point(3, 4));

    expect(arrived).toBeInstanceOf(Point);
    expect(arrived.length).toBe(5);
    expect(arrived.link).toBeInstanceOf(URL);
  });

  test('arrives wherever it stands, once, with its cycles', () => {
    const point = new Point(1, 2);
    point.next = point;

    const arrived = sent({ a: point, map: new Map([[point, [point]]]) });

    expect(arrived.a).toBeInstanceOf(Point);
    expect(arrived.a.next).toBe(arrived.a);
    expect([...arrived.map]).toEqual([[arrived.a, [arrived.a]]]);
  });

  test('sends what [toThread] gives and is made by [fromThread]', () => {
    const money = new Money(5);

    const arrived = sent([money, money]);

    expect(arrived[0]).toBeInstanceOf(Money);
    expect(arrived[0]?.cents).toBe(5);
    expect(arrived[1]).toBe(arrived[0]);
  });

  test('gets its data complete: maps, errors and instances are made before', () => {
    class Bag {
      items = new Map([[new Money(1), new Error('e')]]);
      [toThread](): unknown {
        return this.items;
      }
      static [fromThread](items: Map<Money, Error>): unknown {
        return [...items].map(([money, error]) => [money.cents, error.message]);
      }
    }
    sendable(Bag, { name: 'test.Bag' });

    expect(sent(new Bag())).toEqual([[1, 'e']]);
  });

  test('is registered by a decorator as well', () => {
    expect(sent(new Decorated())).toBeInstanceOf(Decorated);
  });

  test('may extend Map, Array and the like', () => {
    class Registry extends Map<string, URL> {}
    class Stack extends Array<URL> {}
    sendable(Registry, { name: 'test.Registry' });
    sendable(Stack, { name: 'test.Stack' });
    const [registry, stack] = [new Registry([['a', new URL('http://a/')]]), Stack.of(new URL('http://b/'))];

    const arrived = sent({ registry, stack });

    expect(arrived.registry).toBeInstanceOf(Registry);
    expect(arrived.registry.get('a')).toEqual(new URL('http://a/'));
    expect(arrived.stack).toBeInstanceOf(Stack);
    expect([...arrived.stack]).toEqual([new URL('http://b/')]);
  });

  test('is found by the look, also if its class was registered after the first look', () => {
    class Late {
      a = 1;
    }
    expect(look([new Late()])).not.toBe(SPECIAL);

    sendable(Late, { name: 'test.Late' });

    expect(look([{ late: [new Late()] }])).toBe(SPECIAL);
  });

  test('is a plain object if only a class above is registered', () => {
    class Further extends Point {}

    expect(Object.getPrototypeOf(sent(new Further(1, 2)))).toBe(Object.prototype);
  });

  test('is refused with the path of a field that is a function', () => {
    class Task {
      run = (): number => 1;
    }
    sendable(Task, { name: 'test.Task' });

    const error = failure(() => pack([[new Task()]], { root: 'args', exportFunction: () => 1 }));

    expect(error.code).toBe('ERR_OFFLOOP_NOT_CLONEABLE');
    expect(error.message).toContain('args[0][0].run');
  });

  test('is refused if its [toThread] gives itself', () => {
    class Loop {
      [toThread](): unknown {
        return { loop: this };
      }
    }
    sendable(Loop, { name: 'test.Loop' });

    const error = failure(() => sent(new Loop()));

    expect(error.code).toBe('ERR_OFFLOOP_NOT_CLONEABLE');
    expect(error.message).toContain('args[0][toThread]().loop');
  });
});

test('an instance arrives as its data where the class is not registered', () => {
  const values = [{ a: 1 }, undefined];
  const holes: Hole[] = [
    [values[0] as object, undefined, 'prototype', 'test.Unknown'],
    [values, 1, 'instance', { name: 'test.Unknown', data: { b: 2 } }],
  ];

  expect(unpack(values, holes, {})).toStrictEqual([{ a: 1 }, { b: 2 }]);
});

describe('two classes of one name', () => {
  const make = (source: string): new () => object => runInThisContext(`(${source})`) as new () => object;

  test('are the same class if their text is the same: a module was evaluated again', () => {
    const [first, second] = [make('class Same { a = 1 }'), make('class Same { a = 1 }')];
    sendable(first);
    sendable(second);

    expect(sent(new first())).toBeInstanceOf(second);
  });

  test('are told apart: instances of the one that lost the name are refused', () => {
    const [first, second] = [make('class Twin { a = 1 }'), make('class Twin { b = 2 }')];
    sendable(first);
    sendable(second);

    expect(sent(new second())).toBeInstanceOf(second);
    expect(failure(() => sent({ twin: new first() })).message).toMatch(
      /args\[0\]\.twin .*another class is registered as Twin/,
    );
  });
});

const anonymous: unknown = runInThisContext('(class {})');

test.each([undefined, null, {}, () => 1, anonymous])('refuses what is no class with a name: %s', (value) => {
  expect(failure(() => sendable(value as new () => object))).toMatchObject({
    name: 'TypeError',
    code: 'ERR_OFFLOOP_ARGUMENT',
  });
});
