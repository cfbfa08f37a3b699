import { AssertionError } from 'node:assert';
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { types } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { sendable } from '../../src/codec/sendable.ts';
import { joinStacks, withoutOwnFrames } from '../../src/codec/errors/stacks.ts';
import { OffloopError, WorkerExitError } from '../../src/base/errors.ts';
import { failure, sent, thrown } from './round-trip.ts';

class AppError extends RangeError {
  code = 'E_APP';
  override name = 'AppError';
}

class NotFound extends AppError {}

class Named extends Error {
  static {
    this.prototype.name = 'Named';
  }
}

/** A class of the same name that is another one. */
const impostor = { NotFound: class NotFound extends Error {} }.NotFound;

const resolving = (...classes: Function[]): { resolveClass(name: string): unknown } => ({
  resolveClass: (name) => classes.find((type) => type.name === name),
});

/** The types of Node 20 leave it out. */
const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: { Module: new (bytes: Uint8Array) => object } };
const compile = (bytes: Uint8Array): object => new wasm.Module(bytes);

const fieldsOf = (error: unknown): object => Object.fromEntries(Object.entries(error as object));

const own = (error: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(Object.getOwnPropertyDescriptors(error)).map(([key, { enumerable }]) => [key, enumerable]),
  );

describe('a thrown value', () => {
  test.each([[0], [''], [false], [null], [undefined], [NaN], [-0], [0n], ['text'], [{ status: 404 }], [[1, [2]]]])(
    'arrives as it was thrown: %o',
    (value) => {
      expect(thrown(value)).toStrictEqual(value);
    },
  );

  test.each([
    ['a function', () => 1, /\[Function/],
    ['a symbol', Symbol('sign'), /Symbol\(sign\)/],
    ['an object with a function', { retry: () => 1 }, /retry: \[Function: retry\]/],
    ['a promise', Promise.resolve(5), /Promise \{ 5 \}/],
  ])('arrives as an error that describes it, where it cannot cross: %s', (_, value, text) => {
    const error = thrown(value);

    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(text);
  });

  test('arrives as what reviving it throws, where that fails', () => {
    const bad = new Error('no class for you');
    const error = thrown(new NotFound('x'), {
      resolveClass() {
        throw bad;
      },
    });

    expect(error).toBeInstanceOf(RangeError);
  });
});

describe('an error', () => {
  test.each([
    new Error('e'),
    new EvalError('e'),
    new RangeError('e'),
    new ReferenceError('e'),
    new SyntaxError('e'),
    new TypeError('e'),
    new URIError('e'),
    new AggregateError([new TypeError('a'), 0, 'text'], 'e'),
    new DOMException('e', 'AbortError'),
    new OffloopError('ERR_OFFLOOP_CLOSED', 'e'),
    new WorkerExitError('e', { exitCode: 1, threadId: 2 }),
    failure(() => compile(new Uint8Array([1]))),
  ])('of a known class arrives with class, name, message, stack and own properties: $name', (error) => {
    const arrived = thrown(error) as Error;

    expect(Object.getPrototypeOf(arrived)).toBe(Object.getPrototypeOf(error));
    expect(arrived.name).toBe(error.name);
    expect(arrived.message).toBe(error.message);
    expect(arrived.stack).toBe(error.stack);
    expect(types.isNativeError(arrived)).toBe(types.isNativeError(error));
    expect(own(arrived)).toEqual(own(error));
    expect(fieldsOf(arrived)).toEqual(fieldsOf(error));
  });

  test('keeps what an aggregate holds', () => {
    const arrived = thrown(new AggregateError([new TypeError('a'), 0, { b: 1 }])) as AggregateError;

    expect(arrived.errors).toEqual([expect.any(TypeError), 0, { b: 1 }]);
  });

  test('of the system keeps code, errno, syscall and path', () => {
    const error = failure(() => readFileSync('/nonexistent'));

    expect(fieldsOf(thrown(error))).toEqual(fieldsOf(error));
    expect(fieldsOf(error)).toMatchObject({ code: 'ENOENT', syscall: 'open' });
  });

  test('of Node.js itself is of its built-in class, with its code', () => {
    const error = failure(() => Buffer.alloc('x' as unknown as number));
    const arrived = thrown(error) as Error & { code: string };

    expect(arrived).toBeInstanceOf(TypeError);
    expect(arrived.name).toBe('TypeError');
    expect(arrived.code).toBe('ERR_INVALID_ARG_TYPE');
  });

  test('of an assertion keeps name, code and the values', () => {
    const arrived = thrown(new AssertionError({ actual: 1, expected: 2, operator: '==' }));

    expect(arrived).toMatchObject({ name: 'AssertionError', code: 'ERR_ASSERTION', actual: 1, expected: 2 });
  });

  test('keeps causes, also falsy ones and none', () => {
    const chain = thrown(new Error('a', { cause: new TypeError('b', { cause: { c: 1 } }) })) as Error;

    expect(chain.cause).toBeInstanceOf(TypeError);
    expect((chain.cause as Error).cause).toEqual({ c: 1 });
    for (const cause of [0, '', null, undefined, false]) {
      expect(Object.getOwnPropertyDescriptor(thrown(new Error('a', { cause })), 'cause')).toEqual({
        value: cause,
        enumerable: false,
        configurable: true,
        writable: true,
      });
    }
    expect('cause' in (thrown(new Error('a')) as Error)).toBe(false);
  });

  test('closes its cycles', () => {
    const error = Object.assign(new Error('a'), { self: {}, list: [] as unknown[] });
    const inner = new TypeError('b', { cause: error });
    error.self = error;
    error.cause = inner;
    error.list.push(inner, error);

    const arrived = thrown(error) as typeof error;

    expect(arrived.self).toBe(arrived);
    expect((arrived.cause as Error).cause).toBe(arrived);
    expect(arrived.list).toEqual([arrived.cause, arrived]);
  });

  test('keeps its fields of every kind that can cross', () => {
    const fields = {
      url: new URL('http://a/'),
      body: Buffer.from('x'),
      at: new Date(1),
      map: new Map([[1, new Error('m')]]),
    };

    expect(fieldsOf(thrown(Object.assign(new Error('a'), fields)))).toEqual(fields);
  });

  test('loses what cannot cross one by one, and arrives all the same', () => {
    const shared = { ok: 1 };
    const error = Object.assign(new Error('a'), {
      socket: new Socket(),
      callback: () => 1,
      mixed: { shared, bad: Symbol('bad') },
      after: shared,
      status: 500,
    });

    const arrived = thrown(error) as typeof error;

    expect(fieldsOf(arrived)).toEqual({ mixed: { shared }, after: shared, status: 500 });
    expect(arrived.mixed.shared).toBe(arrived.after);
    expect(arrived.message).toBe('a');
  });

  test('has a description of the cause, and of the errors, that cannot cross', () => {
    const arrived = thrown(
      new AggregateError([new TypeError('t'), () => 1], 'a', { cause: { retry: () => 1 } }),
    ) as AggregateError;

    expect((arrived.cause as Error).message).toBe('{ retry: [Function: retry] }');
    expect(arrived.errors[0]).toBeInstanceOf(TypeError);
    expect((arrived.errors[1] as Error).message).toBe('[Function (anonymous)]');
  });

  test('arrives even if looking at it throws', () => {
    const error = new Error('a');
    for (const key of ['stack', 'name', 'extra']) {
      Object.defineProperty(error, key, {
        get() {
          throw new Error('do not look');
        },
        enumerable: true,
      });
    }

    expect((thrown(error) as Error).message).toBe('a');
    expect((thrown(error) as Error).stack).toBe('Error: a');
  });

  test('has a stack of text, whatever prepareStackTrace makes of it', () => {
    const before = Error.prepareStackTrace;
    Error.prepareStackTrace = (_, sites) => sites;
    const error = new TypeError('a');
    void error.stack;
    const arrived = thrown(error) as Error;
    Error.prepareStackTrace = before;

    expect(arrived.stack).toBe('TypeError: a');
  });

  test('of another realm keeps its class and message', () => {
    const arrived = thrown(runInNewContext('new RangeError("far", { cause: 5 })'));

    expect(arrived).toBeInstanceOf(RangeError);
    expect(arrived).toMatchObject({ message: 'far', cause: 5, name: 'RangeError' });
  });

  test('made without the help of Error is an error still', () => {
    const old = Object.assign(Object.create(Error.prototype) as Error, { message: 'old', code: 1 });
    const arrived = thrown(old);

    expect(types.isNativeError(arrived)).toBe(true);
    expect(arrived).toMatchObject({ message: 'old', code: 1 });
  });

  test('arrives as an error wherever it stands', () => {
    const error = new TypeError('a');
    const value = { list: [error], map: new Map([[error, error]]), set: new Set([error]) };

    const arrived = sent(value);

    expect(arrived.list[0]).toBeInstanceOf(TypeError);
    expect(arrived.map.get(arrived.list[0] as TypeError)).toBe(arrived.list[0]);
    expect([...arrived.set]).toEqual(arrived.list);
  });

  test('with thousands of causes arrives, with as many as can be told', () => {
    let error = new Error('last');
    for (let i = 0; i < 20_000; i += 1) error = new Error(`at ${i}`, { cause: error });

    expect(thrown(error)).toMatchObject({ message: 'at 19999', cause: { message: 'at 19998' } });
  });
});

describe("an error of a user's class", () => {
  test('is of that class where it can be found', () => {
    const arrived = thrown(new NotFound('x'), resolving(NotFound)) as NotFound;

    expect(arrived).toBeInstanceOf(NotFound);
    expect(own(arrived)).toEqual(own(new NotFound('x')));
    expect(types.isNativeError(arrived)).toBe(true);
  });

  test('is of the nearest class above that can be found, with its name', () => {
    const found = thrown(new NotFound('x'), resolving(AppError)) as NotFound;
    const lost = thrown(new NotFound('x'), resolving(impostor)) as NotFound;

    expect(Object.getPrototypeOf(found)).toBe(AppError.prototype);
    expect(Object.getPrototypeOf(lost)).toBe(RangeError.prototype);
    expect(lost).toMatchObject({ name: 'AppError', code: 'E_APP' });
  });

  test('has its name from the class as it had before', () => {
    const found = thrown(new Named('x'), resolving(Named)) as Named;
    const lost = thrown(new Named('x')) as Named;

    expect(Object.hasOwn(found, 'name')).toBe(false);
    expect(found.name).toBe('Named');
    expect(Object.getOwnPropertyDescriptor(lost, 'name')).toMatchObject({ value: 'Named', enumerable: false });
  });

  test('is of that class if it is registered, also without any other way to find it', () => {
    class Registered extends AppError {}
    sendable(Registered, { name: 'test.Registered' });

    expect(thrown(new Registered('x'))).toBeInstanceOf(Registered);
  });

  test('may extend DOMException', () => {
    class Stop extends DOMException {}

    const arrived = thrown(new Stop('x', 'AbortError'), resolving(Stop)) as Stop;

    expect(arrived).toBeInstanceOf(Stop);
    expect(arrived).toMatchObject({ name: 'AbortError', message: 'x', code: 20 });
  });

  test('does not run its constructor', () => {
    class Strict extends Error {
      constructor(facts: { text: string }) {
        super(facts.text);
      }
    }

    expect(thrown(new Strict({ text: 'x' }), resolving(Strict))).toBeInstanceOf(Strict);
  });
});

describe('withoutOwnFrames', () => {
  const own = '    at run (file:///w/offloop/dist/lib/src/index.js:1:2)';
  const ownPath = '    at run (/w/offloop/dist/lib/src/index.cjs:1:2)';
  const node = '    at AsyncResource.runInAsyncScope (node:async_hooks:206:9)';
  const user = '    at work (w.js:1:1)';

  test.each<[string, string[], string[]]>([
    ['drops those of the package, and those of Node.js behind them', [user, own, node, ownPath, own], [user]],
    ['keeps those of Node.js that the user has called', [node, user, own], [node, user]],
    ['keeps the two innermost if there are no others', [own, ownPath, own, node], [own, ownPath, node]],
    ['leaves a stack that has none as it is', [user, node], [user, node]],
  ])('%s', (_, given, expected) => {
    const stack = withoutOwnFrames(['Error: a', ...given].join('\n'), ['/w/offloop/dist/lib/']);

    expect(stack.split('\n')).toEqual(['Error: a', ...expected]);
  });
});

describe('joinStacks', () => {
  const caller = 'Error: call\n    at caller (a.js:1:2)\n    at main (b.js:3:4)';

  test("appends a line that names the crossing and the caller's frames, once", () => {
    const error = new Error('a');
    error.stack = 'Error: a\n    at work (w.js:1:1)';

    joinStacks(error, caller);
    joinStacks(error, caller);

    expect(error.stack.split('\n')).toEqual([
      'Error: a',
      '    at work (w.js:1:1)',
      '    at offloop call',
      '    at caller (a.js:1:2)',
      '    at main (b.js:3:4)',
    ]);
    expect(Object.keys(error)).toEqual([]);
  });

  test.each([
    ['a frozen error', Object.freeze(new Error('a'))],
    ['no error', 5],
    ['nothing', undefined],
    ['an error without a stack', Object.create(null) as object],
  ])('leaves %s as it is', (_, value) => {
    expect(() => joinStacks(value, caller)).not.toThrow();
    expect(() => joinStacks(value, undefined)).not.toThrow();
  });
});
