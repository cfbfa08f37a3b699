/** How a run begins, ends and fails. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { flow, timer } from 'offloop/flow';
import { channel, eventsOf, stream, StreamEvent } from 'offloop/streams';
import { describe, expect, test } from 'vitest';
import { hasSettled } from '../support/has-settled.ts';
import { items, silent } from '../support/items.ts';
import { later } from '../support/later.ts';
import { recorded } from '../support/source.ts';
import { turns } from '../support/turns.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;
const argument = coded('ERR_OFFLOOP_ARGUMENT');

/** The outcomes of events by their values, as their source hears of them. */
function settling<T>(values: readonly T[]): { events: StreamEvent<T>[]; outcomes: Map<T, string[]> } {
  const outcomes = new Map<T, string[]>();
  const events = values.map(
    (value) =>
      new StreamEvent(value, {
        settle: (outcome) => void outcomes.set(value, [...(outcomes.get(value) ?? []), outcome]),
      }),
  );
  return { events, outcomes };
}

describe('run', () => {
  test('resolves when all sources have ended, and calls the exit hooks once, the last one first', async () => {
    const { handle, run, onExit } = flow();
    const log: unknown[] = [];
    onExit(() => log.push('first'));
    onExit(async () => void log.push('second'));
    onExit(() => log.push('never'))();
    handle(['🏆', '📞', '🐟', '👌'])((emoji) => void log.push(emoji));

    expect(await run()).toBe(undefined);
    expect(log).toEqual(['🏆', '📞', '🐟', '👌', 'second', 'first']);
  });

  test('has nothing to do without a handler, and calls the exit hooks', async () => {
    const { run, onExit } = flow();
    let exits = 0;
    onExit(() => (exits += 1));

    await run();
    expect(exits).toBe(1);
  });

  test('calls the exit hooks that are there when it has ended, and those that they add after the next run', async () => {
    const { handle, run, onExit } = flow();
    const log: string[] = [];
    const takeBack = onExit(() => log.push('taken back'));
    let isOpen = false;
    handle([1, 2])(() => {
      takeBack();
      if (!isOpen) onExit(() => void (log.push('closed'), onExit(() => log.push('next'))));
      isOpen = true;
    });

    await run();
    expect(log).toEqual(['closed']);
    await run();
    expect(log).toEqual(['closed', 'next', 'closed']);
  });

  test('runs different sources side by side', async () => {
    const { handle, run } = flow();
    const [one, other] = [later(), later()];
    const source = async function* (mine: Promise<void>): AsyncGenerator<string> {
      yield 'begun';
      await mine;
    };
    // Each ends after the other one has begun.
    handle(source(one.promise))(() => other.resolve());
    handle(source(other.promise))(() => one.resolve());

    await run();
  });

  test('lets timers and other sources have their turns beside a source that always has items', async () => {
    const { handle, run } = flow();
    const endless = items();
    const controller = new AbortController();
    handle(endless)(() => undefined);
    handle(endless.later())(() => undefined);
    const timer = setTimeout(() => controller.abort(new Error('its time has come')), 30);

    await expect(run({ signal: controller.signal })).rejects.toThrow('its time has come');
    clearTimeout(timer);
    expect(endless.isClosed).toBe(true);
  });

  test.each(['handler that yields', 'handler that yields later', 'pipe that leaves items out'])(
    'lets timers have their turns beside a %s, and has no end',
    async (where) => {
      const { handle, run } = flow();
      // It ends by itself, so that the test does.
      const tooLate = performance.now() + 2000;
      let isClosed = false;
      const endless = function* (): Generator<number> {
        try {
          while (performance.now() < tooLate) yield 1;
        } finally {
          isClosed = true;
        }
      };
      const endlessLater = async function* (): AsyncGenerator<number> {
        yield* endless();
      };
      if (where === 'handler that yields') handle([1])(endless);
      else if (where === 'handler that yields later') handle([1])(endlessLater);
      else handle(endless(), { pipe: [(all) => all.filter(() => false)] })(() => undefined);
      const controller = new AbortController();
      const timer = setTimeout(() => controller.abort(new Error('its time has come')), 10);

      await expect(run({ signal: controller.signal })).rejects.toThrow('its time has come');
      clearTimeout(timer);
      expect(isClosed).toBe(true);
    },
  );

  test('calls handlers, sinks and exit hooks in its own context', async () => {
    const store = new AsyncLocalStorage<string>();
    const { handle, run, onExit } = flow();
    const seen = new Set<unknown>();
    const look = (): void => void seen.add(store.getStore());
    const source = items(300);
    onExit(look);
    store.run('registering', () => {
      handle(source, { sinks: [look], maxSize: 2 })(async (n) => (look(), n));
      handle(source, { pipe: [(all) => all.batch(3)], concurrency: 2 })(look);
      handle(timer(1), { pipe: [(all) => all.take(3)] })(look);
    });
    await store.run('running', run);

    expect([...seen]).toEqual(['running']);
  });

  test('may be one of many at once, with one listener for each signal', async () => {
    const before = process.listenerCount('SIGTERM');
    const flows = Array.from({ length: 12 }, () => flow());
    for (const { handle } of flows) handle(silent())(() => undefined);
    const running = flows.map(async ({ run }) => run({ signals: ['SIGTERM', 'SIGTERM'] }));
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);

    for (const { drain } of flows) drain();
    await Promise.all(running);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  test('is refused while it runs, and so are further handlers', async () => {
    const { handle, run, drain } = flow();
    handle(silent())(() => undefined);
    const running = run();

    await expect(run()).rejects.toThrow(coded('ERR_OFFLOOP_BUSY'));
    expect(() => handle([1])(() => undefined)).toThrow(coded('ERR_OFFLOOP_BUSY'));
    drain();
    await running;
    handle([1])(() => undefined);
  });

  test('refuses options that it does not have', async () => {
    const { run } = flow();
    await expect(run({ timeout: 1 } as never)).rejects.toThrow(argument);
    await expect(run({ closeTimeout: 0 })).rejects.toThrow(argument);
    for (const options of [AbortSignal.abort(), [], new Map(), null, () => 1])
      await expect(run(options as never)).rejects.toThrow(argument);
    for (const name of ['INT', 'SIGFOO', 'SIGKILL', 'SIGSTOP', 'toString', 2])
      await expect(run({ signals: [name as never] })).rejects.toThrow(argument);
    expect(process.listenerCount('SIGKILL')).toBe(0);
    await expect(run({ signal: 1 as never })).rejects.toThrow(argument);
  });

  test('runs again over sources that can be iterated again, after an error too', async () => {
    const { handle, run } = flow();
    const source = recorded([1, 2, 3]);
    let fails = true;
    handle(source)((n) => {
      if (fails && n === 2) throw new Error('once');
    });

    await expect(run()).rejects.toThrow('once');
    fails = false;
    await run();
    expect([source.opened, source.closed, source.ended]).toEqual([2, 1, 1]);
  });
});

describe('the first error', () => {
  test.each(['source', 'handler', 'async handler', 'generator', 'sink', 'async sink', 'pipe', 'making the pipe'])(
    'of a %s ends the run, closes every source once, and is rethrown',
    async (where) => {
      const { handle, run, onExit } = flow();
      const error = new Error(where);
      const fail = (): never => {
        throw error;
      };
      let exits = 0;
      onExit(() => (exits += 1));
      const source = recorded([1, 2], where === 'source' ? { error } : {});
      const other = recorded(items());
      const piped = { pipe: [where === 'making the pipe' ? fail : (all: AsyncIterable<number>) => inTurn(all, fail)] };
      const sinks = [where === 'sink' ? fail : where === 'async sink' ? async () => fail() : () => undefined];
      handle(source, { sinks, ...(/pipe/.test(where) ? (piped as object) : {}) })(
        where === 'handler'
          ? fail
          : where === 'async handler'
            ? async () => fail()
            : where === 'generator'
              ? function* (n: number) {
                  yield n;
                  fail();
                }
              : (n: number) => n,
      );
      handle(other)(() => undefined);

      await expect(run()).rejects.toBe(error);
      expect(source.closed + source.ended).toBe(source.opened);
      expect([source.opened, other.closed, exits]).toEqual([where === 'making the pipe' ? 0 : 1, 1, 1]);
    },
  );

  test('of a source comes after the items before it, also where several handlers have that source', async () => {
    const { handle, run } = flow();
    const source = recorded([1, 2], { error: new Error('source') });
    const seen: number[] = [];
    handle(source)((n) => void seen.push(n));
    handle(source)(silent);

    await expect(run({ closeTimeout: 10 })).rejects.toThrow('source');
    expect(seen).toEqual([1, 2]);
    expect(source.opened).toBe(1);
  });

  test('leaves each handler the item in hand, and hands back the others', async () => {
    const { handle, run } = flow();
    const { events, outcomes } = settling([1, 2, 3]);
    const begun = later();
    const failed = later();
    const goOn = later();
    handle(events, { sinks: [async () => goOn.promise] })((n, { signal }) => {
      signal?.addEventListener('abort', () => failed.resolve());
      begun.resolve();
      return n;
    });
    handle(silent())(() => undefined);
    handle([0])(async () => {
      await begun.promise;
      throw new Error('other');
    });
    const running = run();
    running.catch(() => undefined);
    await failed.promise;
    await turns();
    expect(await hasSettled(running)).toBe(false);

    goOn.resolve();
    await expect(running).rejects.toThrow('other');
    expect([...outcomes]).toEqual([[1, ['ack']]]);
  });

  test('wins over those of closing, and of exit hooks', async () => {
    const { handle, run, onExit } = flow();
    const source = recorded([1, 2], { closeError: new Error('closing') });
    onExit(() => {
      throw new Error('hook');
    });
    handle(source)(() => {
      throw new Error('first');
    });

    await expect(run()).rejects.toThrow('first');
    expect(source.closed).toBe(1);
  });

  test('may be that of closing a source, or of an exit hook; then all others are called all the same', async () => {
    const { handle, run } = flow();
    handle(recorded([1, 2], { closeError: new Error('closing') }), { pipe: [(all) => all.take(1)] })(() => undefined);
    await expect(run()).rejects.toThrow('closing');

    const other = flow();
    let isCalled = false;
    other.onExit(() => (isCalled = true));
    other.onExit(async () => {
      throw new Error('hook');
    });
    await expect(other.run()).rejects.toThrow('hook');
    expect(isCalled).toBe(true);
  });

  test('is not what onError goes on from', async () => {
    const { handle, run } = flow();
    const { events, outcomes } = settling([1, 2, 3]);
    const dead: unknown[] = [];
    const odd = (n: number): void => {
      if (n % 2 === 1) throw new Error('odd');
    };
    handle(events, { onError: 'skip', deadLetter: (n: number) => void dead.push(n) })(odd);
    handle([5, 6], { onError: 'ack' })(async (n) => odd(n));
    const tries: number[] = [];
    handle(eventsOf([7]), { onError: 'nack', maxDeliver: 3, deadLetter: (n: number) => void dead.push(n) })(
      (n, { attempt }) => {
        tries.push(attempt);
        odd(n);
      },
    );

    await run();
    expect(dead.map(String).toSorted()).toEqual(['1', '3', '7']);
    expect(tries).toEqual([1, 2, 3]);
    expect([...outcomes.values()].flat()).toEqual(['ack', 'ack', 'ack']);
  });
});

describe('an abort', () => {
  test('rejects with the reason, closes the sources, and waits for no item', async () => {
    const { handle, run } = flow();
    const sources = [recorded(items(), { wait: (n) => (n < 2 ? 0 : new Promise(() => undefined)) }), recorded(items())];
    const reason = new Error('enough');
    const controller = new AbortController();
    const seen: number[] = [];
    for (const source of sources) handle(source)((n) => void (n < 3 && seen.push(n)));
    handle(silent())(() => undefined);
    const running = run({ signal: controller.signal });
    while (seen.length < 5) await sleep(1);
    controller.abort(reason);

    await expect(running).rejects.toBe(reason);
    expect(sources.map(({ closed }) => closed)).toEqual([1, 1]);
    expect(seen.length).toBe(5);
  });

  test('before the run handles nothing', async () => {
    const { handle, run, onExit } = flow();
    let calls = 0;
    onExit(() => (calls += 100));
    handle([1, 2])(() => (calls += 1));
    const source = items();
    handle(source.later())(() => (calls += 1));

    await expect(run({ signal: AbortSignal.abort(new Error('early')) })).rejects.toThrow('early');
    expect(calls).toBe(100);
    expect(source.pulled).toBe(0);
  });

  test('is told to the handlers, so that they may end early', async () => {
    const { handle, run } = flow();
    const controller = new AbortController();
    const ended = later();
    handle([1, 2])(async (_, { signal }) => {
      controller.abort(new Error('now'));
      expect(signal?.aborted).toBe(true);
      ended.resolve();
    });

    await expect(run({ signal: controller.signal })).rejects.toThrow('now');
    await ended.promise;
  });

  test('by a clock is waited for', async () => {
    const { handle, run } = flow();
    handle(silent())(() => undefined);

    await expect(run({ signal: AbortSignal.timeout(5) })).rejects.toThrow(
      expect.objectContaining({ name: 'TimeoutError' }) as object,
    );
  });

  test('hands back what was not dealt with, in order, and what several handlers have waiting', async () => {
    const { handle, run } = flow();
    const { events, outcomes } = settling([1, 2, 3]);
    const controller = new AbortController();
    const begun = later();
    handle(events)(async (n) => {
      if (n < 3) return;
      await begun.promise;
      controller.abort(new Error('stop'));
    });
    handle(events)(async () => {
      begun.resolve();
      await new Promise<void>((resolve) => controller.signal.addEventListener('abort', () => resolve()));
    });

    await expect(run({ signal: controller.signal })).rejects.toThrow('stop');
    expect(outcomes).toEqual(
      new Map([
        [1, ['ack']],
        [2, ['nack']],
        [3, ['nack']],
      ]),
    );
  });
});

describe('what takes too long to end', () => {
  const never = async (): Promise<never> => new Promise(() => undefined);

  test.each(['handler', 'sink', 'generator', 'pipe'])('is left behind after closeTimeout: a %s', async (where) => {
    const { handle, run } = flow();
    const { events, outcomes } = settling([1, 2]);
    const begun = later();
    const stuck = async (): Promise<never> => {
      begun.resolve();
      return never();
    };
    const pipe = {
      pipe: [where === 'pipe' ? (all: AsyncIterable<number>) => inTurn(all, stuck) : (all: object) => all],
    };
    handle(events, { ...(pipe as object), sinks: [where === 'sink' ? stuck : () => undefined] })(
      where === 'handler'
        ? stuck
        : where === 'generator'
          ? async function* () {
              await stuck();
              yield 1;
            }
          : (n: number) => n,
    );
    handle([0])(async () => {
      await begun.promise;
      throw new Error('first');
    });

    await expect(run({ closeTimeout: 20 })).rejects.toThrow('first');
    expect(outcomes.get(1)).toEqual(['nack']);
  });

  test('is named where nothing else has failed', async () => {
    const { handle, run, drain } = flow();
    handle([1])(async function neverDone() {
      drain();
      await never();
    });
    const failure = coded('ERR_OFFLOOP_TIMEOUT');
    const running = run({ closeTimeout: 20 });

    await expect(running).rejects.toThrow(failure);
    await expect(running).rejects.toThrow('neverDone');
  });

  test('is left behind: an exit hook', async () => {
    const { run, onExit } = flow();
    let isCalled = false;
    onExit(() => (isCalled = true));
    onExit(never, { timeout: 10 });

    await expect(run()).rejects.toThrow(coded('ERR_OFFLOOP_TIMEOUT'));
    expect(isCalled).toBe(true);
  });
});

describe('drain', () => {
  test('handles what the sources have given, asks for no more, and resolves', async () => {
    const { handle, run, drain } = flow();
    const source = recorded(items());
    const shared = recorded(items());
    const idle = recorded(items(), { wait: () => new Promise(() => undefined) });
    const seen: number[] = [];
    handle(source)((n) => {
      seen.push(n);
      if (n === 10) drain();
    });
    const counts = [0, 0];
    handle(shared)(() => void (counts[0]! += 1));
    handle(shared, { maxSize: 3 })(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      counts[1]! += 1;
    });
    handle(idle)(() => undefined);

    await run();
    expect(seen).toEqual(Array.from({ length: 11 }, (_, n) => n));
    // One may have been asked for that came after the end.
    expect(counts[0]).toBe(counts[1]);
    expect(shared.given - (counts[0] as number)).toBeLessThanOrEqual(1);
    expect([source, shared, idle].map(({ closed }) => closed)).toEqual([1, 1, 1]);
  });

  test.each([1, 2])(
    'handles what a channel of %i handlers was sent before, and leaves it what is sent later',
    async (handlers) => {
      const { handle, run, drain } = flow();
      const orders = channel<number>({ maxSize: 2 });
      const seen: number[] = [];
      for (let i = 0; i < handlers; i += 1) {
        handle(orders)(async (n) => {
          if (n === 1) drain();
          await turns(2);
          if (i === 0) seen.push(n);
        });
      }
      const running = run();
      // Some of them wait for room.
      const sent = [1, 2, 3, 4, 5].map(async (n) => orders.send(n));
      await turns(1);
      await orders.send(6);
      await running;
      await Promise.all(sent);

      expect(seen).toEqual([1, 2, 3, 4, 5]);
      expect(orders.subscribers).toBe(0);
      const rest = stream(orders).toArray();
      await turns(1);
      orders.end();
      expect(await rest).toEqual([6]);
    },
  );

  test('flushes what a pipe has gathered, and what is handed in', async () => {
    const { handle, run, drain } = flow();
    const source = channel<number>();
    const batches: unknown[] = [];
    const sums: unknown[] = [];
    const begun = { count: 0 };
    handle(source, { pipe: [(all) => all.tap(() => (begun.count += 1)).batch(10)] })(
      (batch) => void batches.push(batch),
    );
    handle(source, { concurrency: 3, sinks: [(n: number) => void sums.push(n)] })(async (n) => {
      begun.count += 1;
      await turns();
      return n + 1;
    });
    const running = run();
    for (const n of [1, 2, 3]) await source.send(n);
    while (begun.count < 6) await turns(1);
    drain();

    await running;
    expect(batches).toEqual([[1, 2, 3]]);
    expect(sums).toEqual([2, 3, 4]);
  });

  test('acknowledges what was handled, and hands back what was asked for and comes later', async () => {
    const { handle, run, drain } = flow();
    const { events, outcomes } = settling([1, 2]);
    const [first, second] = events as [StreamEvent<number>, StreamEvent<number>];
    const goOn = later();
    const source = async function* (): AsyncGenerator<StreamEvent<number>> {
      yield first;
      await goOn.promise;
      yield second;
    };
    const handled = later();
    handle(source())(() => handled.resolve());
    const running = run();
    await handled.promise;
    await turns();
    drain();
    await running;
    goOn.resolve();
    await turns();

    expect(outcomes).toEqual(
      new Map([
        [1, ['ack']],
        [2, ['nack']],
      ]),
    );
  });

  test('does nothing to a flow that does not run', async () => {
    const { run, drain } = flow();
    drain();
    await run();
    drain();
  });
});

/** Awaits `each` before each item, as an operator of somebody else does. */
async function* inTurn<T>(all: AsyncIterable<T>, each: () => unknown): AsyncGenerator<T> {
  for await (const item of all) {
    await each();
    yield item;
  }
}
