/** A source that a thread reads into a buffer of the newest events. @module */

import { describe, expect, test, vi } from 'vitest';
import { dyingEvents, liveEvents, strictEvents } from '../fixtures/sources/live.mjs';
import { eventServer, lines, refuse, silence, status, thenEnd } from '../support/event-server.ts';
import type { Answer, EventServer } from '../support/event-server.ts';
import { cases } from '../support/full.ts';
import { untilThrown } from '../support/items.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const dataOf = (items: readonly unknown[]): unknown[] => items.map((item) => (item as { data?: unknown }).data);

/** The error of `action`; nothing, if there is none. */
function thrownBy(action: () => void): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** States in which a thread dies. */
const dying: readonly (readonly [string, Answer])[] = [
  ['it waits for an answer', silence],
  ['it has half a line', (response) => response.write('1\n{"n":')],
  ['it waits before another attempt', refuse],
];

describe('a source in a thread of its own', () => {
  test('keeps the newest 15 events, which can be looked at and taken; the others are counted', async () => {
    const { url, open } = await eventServer(lines(...range(0, 40)));
    const events = liveEvents(url).start();
    await vi.waitFor(() => expect(events.dropped).toBe(25), { timeout: 20_000 });

    expect([events.size, dataOf(events.snapshot())]).toEqual([15, range(25, 40)]);
    expect([dataOf(events.drain()), events.size, events.drain()]).toEqual([range(25, 40), 0, []]);
    await events.close();
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('never has more than 15, and goes on while they are taken', async () => {
    let next = 0;
    const { url } = await eventServer((response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(`${range(next, (next += 20)).join('\n')}\n`), 1);
      response.once('close', () => clearInterval(timer));
    });
    const events = liveEvents(url).start();
    const taken: unknown[] = [];
    await vi.waitFor(
      () => {
        expect(events.size).toBeLessThanOrEqual(15);
        taken.push(...dataOf(events.drain()));
        expect(taken.length).toBeGreaterThan(100);
      },
      { timeout: 20_000, interval: 5 },
    );
    await events.close();

    expect(taken).toEqual(taken.toSorted((a, b) => Number(a) - Number(b)));
  });

  test('closes at once, though no event comes', async () => {
    const { url, open } = await eventServer(lines(1));
    const events = liveEvents(url);
    await events.next();
    const pending = events.next();
    const before = performance.now();
    await events.close();

    expect(await pending).toMatchObject({ done: true });
    // It did not have to be terminated, which happens after 5,000 ms.
    expect(performance.now() - before).toBeLessThan(3000);
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('gives its failure after the events before it', async () => {
    const { url } = await eventServer(thenEnd(lines(1, 2)), status(401));
    const { list, thrown } = await untilThrown(strictEvents(url));

    expect(dataOf(list)).toEqual([1, 2]);
    expect(thrown).toMatchObject({ name: 'OffloopError', code: 'ERR_OFFLOOP_UNAUTHORIZED', status: 401 });
  });

  test('tells its failure to a program that only looks at the buffer, and to one that empties it', async () => {
    const failing = async (): Promise<EventServer> => eventServer(thenEnd(lines(1, 2)), status(401));
    const failure = expect.objectContaining({ code: 'ERR_OFFLOOP_UNAUTHORIZED', status: 401 }) as object;
    const looks = liveEvents((await failing()).url).start();
    const empties = liveEvents((await failing()).url).start();
    const seen: unknown[] = [];

    // What waits is old by then: it is not shown as if it were new.
    await expect.poll(() => thrownBy(() => void looks.snapshot()), { timeout: 20_000 }).toEqual(failure);
    expect(thrownBy(() => void looks.snapshot())).toEqual(failure);
    expect(dataOf(looks.drain())).toEqual([1, 2]);
    expect([thrownBy(() => void looks.drain()), looks.closed]).toEqual([failure, true]);
    expect([looks.snapshot(), looks.drain(), await looks.next()]).toEqual([[], [], { value: undefined, done: true }]);

    await expect.poll(() => thrownBy(() => void seen.push(...empties.drain())), { timeout: 20_000 }).toEqual(failure);
    expect([dataOf(seen), empties.closed]).toEqual([[1, 2], true]);
  });

  test.each(cases(dying, 1))('says that its thread died while %s, and leaves no socket', async (_, answer) => {
    const { url, open } = await eventServer(answer);
    const { list, thrown } = await untilThrown(dyingEvents(url));

    expect(dataOf(list)).toEqual(list.length === 0 ? [] : [1]);
    expect(thrown).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('ends with a signal of main', async () => {
    const { url, open } = await eventServer(lines(1));
    const controller = new AbortController();
    const events = liveEvents(url, controller.signal);
    await events.next();
    const pending = events.next();
    controller.abort(new Error('enough'));

    await expect(pending).rejects.toThrow('enough');
    await vi.waitFor(() => expect(open.size).toBe(0));
  });
});
