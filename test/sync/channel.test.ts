/** Channels between the main side and threads. @module */

import { inspect } from 'node:util';
import { Channel, Event, syncIterate, ThreadPool } from 'offloop';
import { afterAll, describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/syncing.mjs';
import { gate, reaches } from '../support/gate.ts';
import { all } from '../support/items.ts';

const pool = new ThreadPool({ size: 4 });
afterAll(async () => pool.close());

const coded = (code: string): Error => expect.objectContaining({ name: 'OffloopError', code }) as Error;
const count = (length: number, from = 0): number[] => Array.from({ length }, (_, i) => from + i);

/** A channel that holds `items`. */
function filled<T>(items: readonly T[], maxSize = Infinity): Channel<T> {
  const channel = new Channel<T>({ maxSize });
  for (const item of items) expect(channel.tryPut(item)).toBe(true);
  return channel;
}

describe('a channel', () => {
  test('gives what threads put, in their order, to code that awaits it', async () => {
    const channel = new Channel<number>({ maxSize: 3 });
    const putting = jobs.puts.with({ pool })(channel, count(500), { closes: true });

    expect(await all(channel)).toEqual(count(500));
    await putting;
  });

  test('gives what was put here to a thread that blocks for it, or awaits it', async () => {
    for (const job of [jobs.collects, jobs.collectsAwaiting]) {
      const channel = new Channel<number>({ maxSize: 3 });
      const collecting = job.with({ pool })(channel);
      for (const n of count(200)) await channel.putAsync(n);
      channel.close();

      expect(await collecting).toEqual(count(200));
    }
  });

  test('goes from thread to thread', async () => {
    const channel = new Channel<number>({ maxSize: 2 });
    const collecting = jobs.collects.with({ pool })(channel);
    const [one, other] = [count(300), count(300, 1000)];
    await Promise.all([jobs.puts.with({ pool })(channel, one), jobs.puts.with({ pool })(channel, other)]);
    channel.close();

    const items = await collecting;
    expect(items.filter((n) => n < 1000)).toEqual(one);
    expect(items.filter((n) => n >= 1000)).toEqual(other);
  });

  test('gives single items, awaited and blocking', async () => {
    const channel = filled(count(9));

    expect(await channel.get()).toBe(0);
    expect(await Promise.all([channel.get(), channel.get()])).toEqual([1, 2]);
    expect(await jobs.gets.with({ pool })(channel, 6)).toEqual(count(6, 3));
    expect(channel.size).toBe(0);
  });

  test('says how much there is, and whether it is closed', () => {
    const channel = new Channel<number>({ maxSize: 2 });
    expect([channel.size, channel.maxSize, channel.closed]).toEqual([0, 2, false]);
    expect([channel.tryPut(1), channel.tryPut(2), channel.tryPut(3)]).toEqual([true, true, false]);
    channel.close();

    expect([channel.size, channel.closed]).toEqual([2, true]);
    expect(inspect(channel)).toBe('Channel { size: 2, maxSize: 2, closed: true }');
    expect(new Channel().maxSize).toBe(1024);
    expect(new Channel({ maxSize: Infinity }).maxSize).toBe(Infinity);
  });

  test.each([[{ maxSize: 0 }], [{ maxSize: -1 }], [{ maxSize: 1.5 }], [{ maxSize: '1' }], [{ size: 1 }], [null], [5]])(
    'with the options %o is refused',
    (options) => {
      const refused = expect.objectContaining({ name: 'TypeError', code: 'ERR_OFFLOOP_ARGUMENT' }) as Error;

      expect(() => new Channel(options as never)).toThrow(refused);
    },
  );
});

describe('an item', () => {
  const shared = { a: 1 };
  const values = [
    0,
    -0,
    NaN,
    Infinity,
    1.5,
    5n,
    '',
    'čaj 🍵',
    '\ud800 alone',
    false,
    true,
    null,
    undefined,
    'x'.repeat(1025),
    'long '.repeat(100_000),
    { a: [1, { b: 'c' }], none: undefined, not: NaN },
    { ['__proto__']: 1, toJSON: 1 },
    [1, , 3],
    [shared, shared],
    Buffer.from('bytes'),
    new Uint8Array([1, 2, 3]),
    new Uint8Array(200_000).fill(7),
    new Uint8Array(0),
    new Float64Array([1.5, -2]),
    { deep: [new URL('https://a.b/c'), Buffer.from('x'), new URLSearchParams('a=1')] },
    new Map<unknown, unknown>([[1, new Set(['two', new Date(7)])]]),
    new jobs.Tag('registered'),
    { list: Array.from({ length: 500 }, (_, i) => ({ i, at: i === 400 ? new URL('https://d.e') : null })) },
  ];

  test('is what was put, whatever it is', async () => {
    const channel = filled(values);

    for (const value of values) expect(await channel.get()).toStrictEqual(value);
  });

  test('from a thread is what it has put', async () => {
    const channel = new Channel();
    const putting = jobs.puts.with({ pool })(channel, values, { closes: true });

    expect(await all(channel)).toStrictEqual(values);
    await putting;
  });

  test('that is an error keeps its class, its code and its cause', async () => {
    const error = Object.assign(new RangeError('far', { cause: new TypeError('near') }), { code: 'ERR_FAR' });
    const back = await filled([error]).get();

    expect(back).toBeInstanceOf(RangeError);
    expect([back.message, back.code, back.cause]).toEqual(['far', 'ERR_FAR', new TypeError('near')]);
  });

  test('that contains itself does so on the other side', async () => {
    const value: { self?: unknown; url: URL } = { url: new URL('https://a.b') };
    value.self = value;
    const back = await filled([value]).get();

    expect(back.self).toBe(back);
  });

  test('is taken as it is when it is put', async () => {
    const [object, bytes] = [{ n: 1 }, new Uint8Array([1])];
    const channel = new Channel({ maxSize: 1 });
    const putting = [channel.putAsync(object), channel.putAsync(bytes), channel.putAsync(object)];
    object.n = 2;
    bytes[0] = 2;

    expect(await channel.get()).toEqual({ n: 1 });
    expect(await channel.get()).toEqual(new Uint8Array([1]));
    expect(await channel.get()).toEqual({ n: 1 });
    await Promise.all(putting);
  });

  test.each([
    ['a function', () => 1, /item/],
    ['a function inside', { a: [() => 1] }, /item\.a\[0\]/],
    ['a symbol', Symbol('s'), /item/],
    ['shared memory', { memory: new SharedArrayBuffer(4) }, /item\.memory/],
    ['a view of shared memory', [new Int32Array(new SharedArrayBuffer(4))], /item\[0\]/],
    ['a port', { port: new MessageChannel().port1 }, /item\.port/],
    ['a blob', { blob: new Blob(['x']) }, /item\.blob/],
    ['a promise', Promise.resolve(1), /item/],
    ['a signal', new AbortController().signal, /item/],
    ['a primitive', { event: new Event() }, /item\.event/],
    ['a generator', (function* () {})(), /item/],
  ])('that is or has %s is refused by its path, and the channel goes on', async (_, value, path) => {
    const refused = expect.objectContaining({
      code: 'ERR_OFFLOOP_NOT_CLONEABLE',
      message: expect.stringMatching(path),
    }) as Error;
    const channel = new Channel();

    expect(() => channel.tryPut(value)).toThrow(refused);
    await expect(channel.putAsync(value)).rejects.toThrow(refused);
    expect([channel.size, channel.tryPut(1), await channel.get()]).toEqual([0, true, 1]);
  });

  test('that is larger than all memory is refused', () => {
    const channel = new Channel();
    const huge = new Uint8Array(2 ** 26);

    expect(() => channel.tryPut(huge)).toThrow(coded('ERR_OFFLOOP_OVERFLOW'));
    expect(channel.tryPut(1)).toBe(true);
  });
});

describe('a full channel', () => {
  test('keeps producers waiting, each until there is room for it', async () => {
    const channel = new Channel<number>({ maxSize: 2 });
    const it = gate();
    const putting = jobs.putsSlowly.with({ pool })(channel, 4, it);
    await reaches(it, 2, 2);
    expect(await jobs.code.with({ pool })(channel, 'put', 9, { timeout: 5 })).toBe('ERR_OFFLOOP_TIMEOUT');
    expect([it[2], channel.size, channel.tryPut(9)]).toEqual([2, 2, false]);

    expect(await channel.get()).toBe(0);
    await reaches(it, 2, 3);
    expect(await channel.get()).toBe(1);
    await putting;
    expect([await channel.get(), await channel.get(), channel.size]).toEqual([2, 3, 0]);
  });

  test('takes what waits here in order, without those who have left', async () => {
    const channel = filled([0], 1);
    const controller = new AbortController();
    const putting = [channel.putAsync(1), channel.putAsync(2, { signal: controller.signal }), channel.putAsync(3)];
    expect(channel.tryPut(4)).toBe(false);
    controller.abort(new Error('enough'));
    await expect(putting[1]).rejects.toThrow('enough');
    await expect(channel.putAsync(5, { timeout: 5 })).rejects.toThrow(coded('ERR_OFFLOOP_TIMEOUT'));

    expect([await channel.get(), await channel.get(), await channel.get()]).toEqual([0, 1, 3]);
    await Promise.all([putting[0], putting[2]]);
  });

  test('uses its memory again', async () => {
    const channel = new Channel<Uint8Array>({ maxSize: 4 });
    const memory = (): number => process.memoryUsage().rss;
    const chunk = new Uint8Array(300_000);
    const before = memory();
    for (let i = 0; i < 2000; i += 1) {
      channel.tryPut(chunk.subarray(0, 1 + ((i * 7919) % 300_000)));
      if (i > 2) await channel.get();
    }

    // The items have 300 MB in all.
    expect(memory() - before).toBeLessThan(150e6);
  });
});

describe('a channel with a timeout', () => {
  const late = coded('ERR_OFFLOOP_TIMEOUT');

  test('bounds each wait that says nothing of it, here and in threads', async () => {
    const [empty, full] = [new Channel<number>({ timeout: 20 }), new Channel<number>({ timeout: 20, maxSize: 1 })];
    full.tryPut(1);

    await expect(empty.get()).rejects.toThrow(late);
    await expect(empty.get({})).rejects.toThrow(late);
    await expect(all(empty)).rejects.toThrow(late);
    await expect(full.putAsync(2)).rejects.toThrow(late);
    expect(await jobs.code.with({ pool })(empty, 'syncGet')).toBe('ERR_OFFLOOP_TIMEOUT');
    expect(await jobs.code.with({ pool })(full, 'put', 2)).toBe('ERR_OFFLOOP_TIMEOUT');
    await expect(jobs.collects.with({ pool })(empty)).rejects.toThrow(late);
    expect([empty.timeout, full.timeout, new Channel().timeout, full.size]).toEqual([20, 20, Infinity, 1]);
  });

  test('leaves that to calls that say something else', async () => {
    const channel = new Channel<number>({ timeout: 1, maxSize: 1 });
    const getting = channel.get({ timeout: Infinity });
    await expect(new Channel({ timeout: 20 }).get()).rejects.toThrow(late);
    channel.tryPut(1);
    expect(await getting).toBe(1);

    const patient = new Channel({ timeout: 60_000 });
    await expect(patient.get({ timeout: 0 })).rejects.toThrow(late);
    await expect(patient.get({ signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
  });

  test.each([-1, NaN, '1', null])('cannot have one of %s', (timeout) => {
    expect(() => new Channel({ timeout: timeout as number })).toThrow(
      expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }),
    );
  });
});

describe('a channel that is closed', () => {
  test('was so at the end of the block that uses it, for all threads', async () => {
    let kept: Channel<number>;
    {
      using channel = new Channel<number>();
      kept = channel;
      await jobs.puts.with({ pool })(channel, [1, 2]);
      expect(channel.closed).toBe(false);
    }

    expect([kept.closed, await all(kept)]).toEqual([true, [1, 2]]);
    expect(await jobs.code.with({ pool })(kept, 'put', 3)).toBe('ERR_OFFLOOP_CLOSED');
  });

  test('gives what was put, and then ends', async () => {
    const channel = filled([1, undefined, 3]);
    channel.close();
    channel.close();

    expect(await channel.get()).toBe(1);
    expect(await all(channel)).toEqual([undefined, 3]);
    expect(await all(channel)).toEqual([]);
    await expect(channel.get()).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
    expect(await jobs.code.with({ pool })(channel, 'syncGet')).toBe('ERR_OFFLOOP_CLOSED');
  });

  test('takes nothing more, from any side', async () => {
    const channel = new Channel<number>();
    await jobs.does.with({ pool })(channel, 'close');

    expect(channel.closed).toBe(true);
    expect(() => channel.tryPut(1)).toThrow(coded('ERR_OFFLOOP_CLOSED'));
    await expect(channel.putAsync(1)).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
    expect(await jobs.code.with({ pool })(channel, 'put', 1)).toBe('ERR_OFFLOOP_CLOSED');
  });

  test('ends the waits of producers and of the consumer', async () => {
    const full = filled([0], 1);
    const it = gate();
    const empty = new Channel<number>();
    const refused = [jobs.putsSlowly.with({ pool })(full, 1, it), full.putAsync(2), empty.get()];
    const [ended, iterating] = [Promise.allSettled(refused), all(empty)];
    full.close();
    empty.close();

    for (const outcome of await ended)
      expect(outcome).toEqual({ status: 'rejected', reason: coded('ERR_OFFLOOP_CLOSED') });
    expect(await iterating).toEqual([]);
    expect(await all(full)).toEqual([0]);
  });
});

describe('the consumer', () => {
  test('waits no longer than it says', async () => {
    const channel = new Channel<number>();
    const controller = new AbortController();
    const getting = channel.get({ signal: controller.signal });
    controller.abort(new Error('enough'));

    await expect(getting).rejects.toThrow('enough');
    await expect(channel.get({ timeout: 5 })).rejects.toThrow(coded('ERR_OFFLOOP_TIMEOUT'));
    expect(await jobs.code.with({ pool })(channel, 'syncGet', { timeout: 5 })).toBe('ERR_OFFLOOP_TIMEOUT');
    channel.tryPut(1);
    expect(await channel.get()).toBe(1);
  });

  test('is one at a time', async () => {
    const channel = new Channel<number>();
    const getting = channel.get();
    expect(await jobs.code.with({ pool })(channel, 'syncGet')).toBe('ERR_OFFLOOP_BUSY');
    expect(await jobs.code.with({ pool })(channel, 'get')).toBe('ERR_OFFLOOP_BUSY');
    channel.tryPut(1);
    expect(await getting).toBe(1);

    channel.tryPut(2);
    expect(await jobs.gets.with({ pool })(channel, 1)).toEqual([2]);
  });

  test('may iterate in a thread, while others are refused', async () => {
    const channel = new Channel<number>({ maxSize: 1 });
    const collecting = jobs.collects.with({ pool })(channel);
    await channel.putAsync(1);
    await channel.putAsync(2);
    await channel.putAsync(3);
    await expect(channel.get()).rejects.toThrow(coded('ERR_OFFLOOP_BUSY'));
    channel.close();

    expect(await collecting).toEqual([1, 2, 3]);
  });

  test('may leave an iteration and begin another one: the channel stays open', async () => {
    const channel = filled(count(6));
    for await (const item of channel) if (item === 1) break;
    expect([channel.closed, await channel.get()]).toEqual([false, 2]);

    const leaving = jobs.leaves.with({ pool })(channel, 1);
    await channel.putAsync(6);
    while (channel.size > 0) await new Promise(setImmediate);
    channel.close();
    expect(await leaving).toEqual([expect.any(Boolean), count(4, 3)]);
  });

  test('does not keep the loop from turning', async () => {
    const channel = filled(count(50_000));
    let isTurned = false;
    setImmediate(() => (isTurned = true));
    let seen = 0;
    for await (const item of channel) {
      seen = item;
      if (isTurned) break;
    }

    expect(isTurned).toBe(true);
    expect(seen).toBeLessThan(49_999);
  });

  test('never blocks the main side', () => {
    const channel = filled([1]);
    const blocked = coded('ERR_OFFLOOP_WOULD_BLOCK');

    expect(() => channel.syncGet()).toThrow(blocked);
    expect(() => channel.put(2)).toThrow(blocked);
    expect(() => syncIterate(channel).next()).toThrow(blocked);
    expect(channel.size).toBe(1);
  });
});
