/** Several handlers of one source, pipes, and relays between handlers. @module */

import { setTimeout as sleep } from 'node:timers/promises';
import { flow, keyed, keySink, relay } from 'offloop/flow';
import { channel, eventsOf, stream, StreamEvent } from 'offloop/streams';
import type { Stream } from 'offloop/streams';
import { describe, expect, test } from 'vitest';
import { items } from '../support/items.ts';
import { later } from '../support/later.ts';
import { recorded } from '../support/source.ts';
import { turns } from '../support/turns.ts';

const argument = expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }) as object;

describe('a source of several handlers', () => {
  test('is iterated once, and each handler gets every item, in order', async () => {
    const { handle, run } = flow();
    const source = recorded([1, 2, 3]);
    const seen: number[][] = [[], [], []];
    handle(source)((n) => void seen[0]?.push(n));
    handle(source)(async (n) => {
      await sleep(1);
      seen[1]?.push(n);
    });
    handle(source)(function* (n) {
      seen[2]?.push(n);
      yield n;
    });
    await run();

    expect(seen).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect([source.opened, source.ended]).toEqual([1, 1]);
  });

  test('is bounded by the slowest', async () => {
    const { handle, run } = flow();
    const source = items(100);
    const most = { ahead: 0 };
    let slow = 0;
    handle(source, { maxSize: 4 })((n) => {
      most.ahead = Math.max(most.ahead, n - slow);
    });
    handle(source, { maxSize: 4 })(async (n) => {
      await new Promise((resolve) => setImmediate(resolve));
      slow = n;
    });
    await run();

    expect(slow).toBe(99);
    expect(most.ahead).toBeLessThanOrEqual(7);
    expect(source.pulled).toBe(100);
  });

  test('has its events acknowledged once all have done with them', async () => {
    const { handle, run } = flow();
    const committed: number[] = [];
    const source = eventsOf(['a', 'b', 'c'], {
      key: (text) => `key ${text}`,
      commit: (count) => committed.push(count),
    });
    const goOn = later();
    const keys: unknown[] = [];
    handle(source)((_, { key }) => void keys.push(key));
    handle(source)(async (text) => {
      if (text === 'b') await goOn.promise;
    });
    const running = run();
    while (committed.length === 0 || keys.length < 3) await sleep(1);
    expect(committed).toEqual([1]);

    goOn.resolve();
    await running;
    expect(committed.at(-1)).toBe(3);
    expect(keys).toEqual(['key a', 'key b', 'key c']);
  });

  test('has them acknowledged once, also of a stream over events', async () => {
    const { handle, run } = flow();
    const outcomes: string[] = [];
    const events = [1, 2, 3].map(
      (n) => new StreamEvent(n, { settle: (outcome) => void outcomes.push(`${n} ${outcome}`) }),
    );
    const source = stream(events).filter((n) => n !== 2);
    const done: number[] = [];
    for (const wait of [0, 2]) {
      handle(source)(async (n) => {
        await sleep(wait);
        if (wait > 0) expect(outcomes).not.toContain(`${n} ack`);
        done.push(n);
      });
    }
    await run();

    expect(done.map(String).toSorted()).toEqual(['1', '1', '3', '3']);
    expect(outcomes.toSorted()).toEqual(['1 ack', '2 ack', '3 ack']);
  });

  test('hands an event back where one of them has failed, and delivers it to all again', async () => {
    const { handle, run } = flow();
    const attempts: string[] = [];
    let fails = true;
    const source = eventsOf([1, 2]);
    handle(source, { onError: 'nack' })((n, { attempt }) => {
      attempts.push(`first ${n} ${attempt}`);
      if (n === 1 && fails) {
        fails = false;
        throw new Error('not yet');
      }
    });
    handle(source)((n, { attempt }) => void attempts.push(`second ${n} ${attempt}`));
    await run();

    expect(attempts.filter((it) => it.startsWith('first')).toSorted()).toEqual(['first 1 1', 'first 1 2', 'first 2 1']);
    expect(attempts.filter((it) => it.startsWith('second')).toSorted()).toEqual([
      'second 1 1',
      'second 1 2',
      'second 2 1',
    ]);
  });

  test('is handed an event at once that one of them hands back, while others have it in hand', async () => {
    const { handle, run } = flow();
    const log: string[] = [];
    const source = [new StreamEvent(1, { settle: (how) => void log.push(how) })];
    handle(source, { onError: 'nack' })(() => {
      throw new Error('not yet');
    });
    handle(source)(async () => {
      await turns(3);
      log.push('done');
    });
    await run();

    expect(log).toEqual(['nack', 'done']);
  });

  test('ends the run where it is over, and would not give again what one of them hands back', async () => {
    const { handle, run } = flow();
    const committed: number[] = [];
    const source = eventsOf([1, 2, 3], { commit: (count) => committed.push(count) });
    const isOver = later();
    handle(source, { onError: 'nack' })(async (n) => {
      await isOver.promise;
      if (n === 2) throw new Error('not yet');
    });
    handle(source)(async (n) => {
      if (n < 3) return;
      await turns();
      isOver.resolve();
    });

    await expect(run()).rejects.toThrow('not yet');
    expect(committed).toEqual([1]);
  });

  test('goes on for the others when one wants no more, and is closed when none does', async () => {
    const { handle, run } = flow();
    const source = recorded(items());
    const seen: number[][] = [[], []];
    const first =
      (count: number) =>
      (all: Stream<number>): Stream<number> =>
        all.take(count);
    handle(source, { pipe: [first(2)] })((n) => void seen[0]?.push(n));
    handle(source, { pipe: [first(5)] })((n) => void seen[1]?.push(n));
    await run();

    expect(seen).toEqual([
      [0, 1],
      [0, 1, 2, 3, 4],
    ]);
    expect([source.opened, source.closed]).toEqual([1, 1]);
  });

  test('has its events acknowledged by the others, once, when one wants no more', async () => {
    const { handle, run } = flow();
    const committed: number[] = [];
    const source = eventsOf([1, 2, 3, 4], { commit: (count) => committed.push(count) });
    const attempts: number[] = [];
    handle(source, { pipe: [(all) => all.take(1)] })(() => undefined);
    handle(source)(async (n, { attempt }) => {
      await sleep(1);
      attempts.push(n * 10 + attempt);
    });
    await run();

    expect(attempts).toEqual([11, 21, 31, 41]);
    expect(committed.at(-1)).toBe(4);
  });

  test('is closed where nobody wants any, and events that it has given are handed back', async () => {
    const { handle, run } = flow();
    const outcomes: string[] = [];
    const source = recorded(
      Array.from({ length: 9 }, () => new StreamEvent(0, { settle: (how) => void outcomes.push(how) })),
    );
    handle(source, { pipe: [(all) => all.take(0)] })(() => undefined);
    handle(source, { pipe: [(all) => all.take(0)] })(() => undefined);
    await run();

    // One that was on its way comes after the end.
    await turns();
    expect(source.given).toBeLessThan(9);
    expect(source.closed).toBe(1);
    expect(outcomes).toEqual(Array.from({ length: source.given }, () => 'nack'));
  });

  test('ends the run where it does not take back what nobody has taken', async () => {
    const { handle, run } = flow();
    const log: string[] = [];
    const settle = (n: number) => async (outcome: string) => {
      log.push(`${outcome} ${n}`);
      if (outcome === 'nack') throw new Error('broker');
    };
    const source = [1, 2, 3].map((n) => new StreamEvent(n, { settle: settle(n) }));
    for (let i = 0; i < 2; i += 1) handle(source, { pipe: [(all) => all.take(1)] })(async () => turns());

    await expect(run()).rejects.toThrow('broker');
    expect(log).toEqual(['ack 1', 'nack 2', 'nack 3']);
  });
});

describe('a pipe', () => {
  /** As `itertools.pairwise`. */
  async function* pairwise<T>(all: AsyncIterable<T>): AsyncGenerator<[T, T]> {
    let before: [] | [T] = [];
    for await (const item of all) {
      if (before.length > 0) yield [before[0] as T, item];
      before = [item];
    }
  }

  /** As `itertools.accumulate`. */
  async function* accumulate(all: AsyncIterable<number>): AsyncGenerator<number> {
    let sum = 0;
    for await (const n of all) yield (sum += n);
  }

  test('transforms the items before the handler, from left to right, for each handler by itself', async () => {
    const { handle, run } = flow();
    const source = [0, 1, 2, 3];
    const got: unknown[][] = [[], [], [], []];
    handle(source, { pipe: [pairwise] })((pair) => void got[0]?.push(pair));
    handle(source, { pipe: [accumulate] })((sum) => void got[1]?.push(sum));
    handle(source, { pipe: [accumulate, pairwise] })((pair) => void got[2]?.push(pair));
    handle(source, { pipe: [(all) => all.map((n) => n * 2).filter((n) => n > 2), (all) => all] })(
      (n) => void got[3]?.push(n),
    );
    await run();

    expect(got).toEqual([
      [
        [0, 1],
        [1, 2],
        [2, 3],
      ],
      [0, 1, 3, 6],
      [
        [0, 1],
        [1, 3],
        [3, 6],
      ],
      [4, 6],
    ]);
  });

  test('keeps the events beside the items, and acknowledges those of a batch together', async () => {
    const { handle, run } = flow();
    const log: string[] = [];
    const events = ['a', 'b', 'c'].map(
      (key) => new StreamEvent(key, { key, settle: (outcome) => void log.push(`${key} ${outcome}`) }),
    );
    handle(events, { pipe: [(all) => all.batch(2)] })(async (batch, { key }) => {
      await sleep(0);
      log.push(`${batch.join()} ${String(key)}`);
    });
    await run();

    expect(log).toEqual(['a,b undefined', 'a ack', 'b ack', 'c c', 'c ack']);
  });

  test('has to give an iterable', async () => {
    const { handle, run } = flow();
    handle([1], { pipe: [(() => 5) as never] as never })(() => undefined);

    await expect(run()).rejects.toThrow(argument);
  });

  test('of somebody else that is left closes the source', async () => {
    const { handle, run } = flow();
    const source = recorded(items());
    async function* two(all: AsyncIterable<number>): AsyncGenerator<number> {
      let left = 2;
      for await (const n of all) {
        yield n;
        if ((left -= 1) === 0) return;
      }
    }
    const seen: number[] = [];
    handle(source, { pipe: [two] })((n) => void seen.push(n));
    await run();

    expect(seen).toEqual([0, 1]);
    expect(source.closed).toBe(1);
  });
});

describe('a relay', () => {
  test('passes items from handlers to handlers, and ends with those that send to it', async () => {
    const { handle, run } = flow();
    const between = relay<string>();
    const lines: string[] = [];
    handle(['🏆', '📞'], { sinks: [between] })((emoji) => `Proxied ${emoji}!`);
    handle(['🐟', '👌'], { sinks: [between] })(async (emoji) => keyed(emoji, `Proxied ${emoji}!`));
    handle(between, { sinks: [(line: string) => void lines.push(line)] })((text) => text);
    handle(between, { sinks: [keySink((key: unknown) => void lines.push(String(key)))] })((text, { key }) =>
      keyed(key, text),
    );

    const expected = ['Proxied 🏆!', 'Proxied 📞!', 'Proxied 🐟!', 'Proxied 👌!', 'undefined', 'undefined', '🐟', '👌'];
    for (let i = 0; i < 2; i += 1) {
      await run();
      expect(lines.splice(0).toSorted()).toEqual(expected.toSorted());
    }
    expect(between.subscribers).toBe(0);
  });

  test('bounds the handlers that send to it', async () => {
    const { handle, run } = flow();
    const between = relay<number>({ maxSize: 2 });
    let [sent, taken, most] = [0, 0, 0];
    handle(items(50), { sinks: [between] })((n) => {
      sent = n;
      return n;
    });
    handle(between)(async (n) => {
      most = Math.max(most, sent - n);
      await new Promise((resolve) => setImmediate(resolve));
      taken = n;
    });
    await run();

    expect(taken).toBe(49);
    expect(most).toBeLessThanOrEqual(4);
  });

  test.each([1, 2])('of %i handlers takes what is on its way when the run is drained', async (handlers) => {
    const { handle, run, drain } = flow();
    const [one, two] = [relay<number>(), relay<number>()];
    const seen: number[] = [];
    handle(items(), { sinks: [one] })(async (n) => {
      if (n === 20) drain();
      await new Promise((resolve) => setImmediate(resolve));
      return n;
    });
    handle(one, { sinks: [two] })(async (n) => {
      await sleep(1);
      return n;
    });
    for (let i = 0; i < handlers; i += 1) handle(two)((n) => void (i === 0 && seen.push(n)));
    await run();

    expect(seen).toEqual(Array.from({ length: 21 }, (_, n) => n));
  });

  test('may be the dead letters of a handler, and ends with it', async () => {
    const { handle, run } = flow();
    const dead = relay<number>();
    const log: unknown[] = [];
    handle([1, 2, 3], { onError: 'skip', deadLetter: dead, sinks: [(n: number) => log.push(n)] })((n) => {
      if (n === 2) throw new Error('not this one');
      return n;
    });
    handle(dead)((n) => log.push(`dead ${n}`));
    await run();

    expect(log.map(String).toSorted()).toEqual(['1', '3', 'dead 2']);
  });

  test('that nobody sends to here takes what was sent before, when the run is drained', async () => {
    const { handle, run, drain } = flow();
    const between = relay<number>();
    const seen: number[] = [];
    handle(between)(async (n) => {
      if (n === 1) drain();
      await sleep(0);
      seen.push(n);
    });
    const running = run();
    await Promise.all([1, 2, 3].map(async (n) => between.send(n)));
    await running;

    expect(seen).toEqual([1, 2, 3]);
  });

  test('drops what its handlers do not want, so that those who send go on, and nothing is left for another run', async () => {
    const { handle, run } = flow();
    const between = relay<number>({ maxSize: 2 });
    const seen: number[] = [];
    let sent = 0;
    handle(items(100).later(), { sinks: [between] })((n) => {
      sent += 1;
      return n;
    });
    handle(between, { pipe: [(all) => all.take(2)] })((n) => void seen.push(n));
    await run();
    expect([seen, sent]).toEqual([[0, 1], 100]);
    await run();
    expect(seen).toEqual([0, 1]);
  });

  test('through several stages ends them one after the other', async () => {
    const { handle, run } = flow();
    const [one, two] = [relay<number>(), relay<number>()];
    const seen: number[] = [];
    handle(two)((n) => void seen.push(n));
    handle(one, { sinks: [two] })((n) => n * 10);
    handle([1, 2, 3], { sinks: [one] })((n) => n + 1);
    await run();

    expect(seen).toEqual([20, 30, 40]);
  });

  test('is not needed for a channel that the program ends itself', async () => {
    const { handle, run } = flow();
    const between = channel<number>();
    const seen: number[] = [];
    handle([1, 2, 3], { sinks: [between] })((n) => n);
    handle(between)((n) => {
      seen.push(n);
      if (n === 3) between.end();
    });
    await run();

    expect(seen).toEqual([1, 2, 3]);
  });
});
