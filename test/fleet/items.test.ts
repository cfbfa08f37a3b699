/** Items go from a pump on one side to an intake on the other. @module */

import { describe, expect, test } from 'vitest';
import { holdIterable } from '../../src/channel/adapters/held.ts';
import { ReadyItems } from '../../src/channel/adapters/adapter.ts';
import { NONE } from '../../src/channel/ring/reader.ts';
import { Intake, windowOf } from '../../src/fleet/values/intake.ts';
import { Pump } from '../../src/fleet/values/pump.ts';

/** An iterator over `left` that gives two of three items without a promise. */
class Ready extends ReadyItems implements AsyncIterableIterator<unknown> {
  readonly #left: unknown[];
  #takes = 0;

  constructor(items: readonly unknown[]) {
    super();
    this.#left = [...items];
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  override takeNow(): unknown {
    this.#takes += 1;
    return this.#left.length === 0 || this.#takes % 3 === 0 ? NONE : this.#left.shift();
  }

  async next(): Promise<IteratorResult<unknown>> {
    if (this.#left.length === 0) return Promise.resolve({ done: true, value: 'end' });
    return Promise.resolve({ done: false, value: this.#left.shift() });
  }
}

/** Pumps `source` to an intake; tells how many items were sent and not taken at the most, and the sizes of the frames. */
function join(source: object, most: number, { isAsked = false, size = 1 } = {}) {
  const seen = { waiting: 0, most: 0, frames: [] as number[] };
  const pump = new Pump(holdIterable(source), {
    items: (items) => {
      seen.waiting += items.length;
      seen.most = Math.max(seen.most, seen.waiting);
      seen.frames.push(items.length);
      intake.heard(items);
      return items.length * size;
    },
    end: (isReturned, value) => intake.ended(isReturned ? { returned: value } : { error: value }),
  });
  const line = { ask: (count: number) => pump.ask(count), raise: () => undefined, close: () => void pump.close() };
  const intake = new Intake(most, line, { isAsked });
  if (isAsked) pump.ask(windowOf(most));
  return { intake, seen };
}

/** What there is in `intake`, and its end; `takesNow` says whether to take what is there without a promise. */
async function all({ intake, seen }: ReturnType<typeof join>, takesNow: boolean): Promise<unknown[]> {
  const found: unknown[] = [];
  for (;;) {
    const item = takesNow ? intake.takeNow() : NONE;
    if (item === NONE) {
      // One after the other.
      // oxlint-disable-next-line no-await-in-loop
      const { done, value } = await intake.next();
      found.push(value);
      if (done) return found;
    } else found.push(item);
    seen.waiting -= 1;
  }
}

const kinds = [undefined, null, 0, false, ''];
const items = Array.from({ length: 700 }, (_, i) => (i % 7 < kinds.length ? kinds[i % 7] : i));

describe.each([1, 2, 5, 64, 1024, Infinity])('items with room for %d', (most) => {
  test.each([
    ['asked for, with a promise each', false, false],
    ['not asked for at first, without promises', true, true],
  ])('come all in order, no more than there is room for: %s', async (_, isAsked, takesNow) => {
    const joined = join(new Ready(items), most, { isAsked });

    expect(await all(joined, takesNow)).toEqual([...items, 'end']);
    expect(joined.seen.most).toBeLessThanOrEqual(most);
  });
});

describe('an iterator over items that is closed', () => {
  const line = { ask: () => undefined, raise: () => undefined, close: () => undefined };
  const over = { done: true, value: undefined };

  test('is told how the close has failed, though an item was awaited', async () => {
    const intake = new Intake(4, line);
    const [awaited, closed] = [intake.next(), intake.return('value')];
    intake.ended({ error: new Error('its finally') });

    await expect(closed).rejects.toThrow('its finally');
    expect([await awaited, await intake.next()]).toEqual([over, over]);
  });

  test('drops an error from before, as the items before that', async () => {
    const intake = new Intake(4, line);
    intake.heard([1, 2]);
    intake.ended({ error: new Error('in the middle') });

    expect(await intake.return('value')).toEqual({ done: true, value: 'value' });
    expect(await intake.next()).toEqual(over);
  });
});

test('small items go many in a frame, large ones few', async () => {
  const numbers = Array.from({ length: 5000 }, (_, i) => i);
  const [small, large] = [join(numbers, 2048), join(numbers, 2048, { size: 20_000 })];
  await Promise.all([all(small, true), all(large, true)]);

  expect(small.seen.frames.length).toBeLessThan(40);
  // The first frame is sent before it is known how large they are.
  expect(Math.max(...large.seen.frames.slice(1))).toBe(3);
});
