/** Checkpoints: sources that others depend on, down and back. @module */

import { checkpoint, dependency, flow } from 'offloop/flow';
import type { Checkpoint, Dependency } from 'offloop/flow';
import { channel } from 'offloop/streams';
import { describe, expect, test } from 'vitest';
import { hasSettled } from '../support/has-settled.ts';
import { numbers, recorded } from '../support/source.ts';
import { turns } from '../support/turns.ts';

const argument = expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }) as object;
const at = (hours: number, minutes = 0): Date => new Date(Date.UTC(2025, 0, 1, hours, minutes));
const minutes = 60_000;

describe('a checkpoint', () => {
  test('counts from the first pulse where nothing was heard of a dependency', async () => {
    const weather = dependency('weather');
    const point = checkpoint({ name: 'activity', dependencies: [weather] });

    expect(await point.checkPulse(at(10), { offset: 8 })).toBe(undefined);
    expect([weather.marker, weather.state, point.marker]).toEqual([at(10), { offset: 8 }, at(10)]);
  });

  test('is down when a pulse is further ahead than the threshold, and until the dependency has caught up', async () => {
    const point = checkpoint({ name: 'activity', dependencies: [dependency('weather')] });
    await point.checkPulse(at(10));
    expect(await point.heartbeat(at(10, 30))).toEqual({
      isLate: false,
      dependentMarker: at(10),
      dependencyMarker: at(10, 30),
    });

    expect(await point.checkPulse(at(10, 40))).toBe(undefined);
    expect(await point.checkPulse(at(11))).toBe(30 * minutes);
    expect(await point.heartbeat(at(10, 45))).toMatchObject({ isLate: true, dependentMarker: at(11) });
    expect(await point.heartbeat(at(11, 1))).toMatchObject({ isLate: false });
    expect(await point.checkPulse(at(11, 2))).toBe(undefined);
  });

  test('tells of a downtime and of the recovery once each, plain or async', async () => {
    for (const isAsync of [false, true]) {
      const calls: unknown[] = [];
      const note =
        (name: string) =>
        (given: Checkpoint, { name: of, isDown }: Dependency): unknown => {
          calls.push([name, given.name, of, isDown]);
          return isAsync ? turns(1) : undefined;
        };
      const point = checkpoint({
        name: 'activity',
        dependencies: [dependency('weather')],
        onDowntime: note('down'),
        onRecovery: note('back'),
      });
      await point.checkPulse(at(10));
      for (const hour of [11, 12, 13]) await point.checkPulse(at(hour));
      await point.heartbeat(at(12));
      expect(calls).toEqual([['down', 'activity', 'weather', true]]);
      for (const minute of [1, 2]) await point.heartbeat(at(13, minute));

      expect(calls.slice(1)).toEqual([['back', 'activity', 'weather', true]]);
    }
  });

  test('keeps, while a dependency is down, the state from when it was heard of last', async () => {
    const weather = dependency('weather', { threshold: 10 * minutes });
    const states: unknown[] = [];
    const point = checkpoint({
      name: 'activity',
      dependencies: [weather],
      onRecovery: ({ state }, { state: from }) => states.push(from, state),
    });
    await point.checkPulse(at(10), { 0: 1 });
    await point.heartbeat(at(10));
    await point.checkPulse(at(10, 9), { 0: 2 });
    await point.checkPulse(at(10, 20), { 0: 3, 1: 7 });
    await point.heartbeat(at(10, 15));
    expect(weather.state).toEqual({ 0: 1 });
    await point.heartbeat(at(10, 21));

    expect(states).toEqual([{ 0: 1 }, { 0: 3, 1: 7 }]);
    expect(weather.state).toEqual({ 0: 3, 1: 7 });
  });

  test('of several dependencies has to be told of which one a heartbeat is', async () => {
    const point = checkpoint({ name: 'p', dependencies: [dependency('a'), dependency('b', { threshold: minutes })] });

    await expect(point.heartbeat(1)).rejects.toThrow(argument);
    await expect(point.heartbeat(1, 'c')).rejects.toThrow(argument);
    await point.checkPulse(0);
    await point.heartbeat(15 * minutes, 'b');
    expect(await point.checkPulse(15 * minutes)).toBe(15 * minutes);
    expect(await point.heartbeat(16 * minutes, 'b')).toMatchObject({ isLate: false });
    expect(await point.heartbeat(10 * minutes, 'a')).toMatchObject({ isLate: true });
    expect(await point.checkPulse(20 * minutes)).toBe(15 * minutes);
    expect([...point.dependencies.values()].map(({ isDown }) => isDown)).toEqual([true, true]);
  });

  test('compares other markers by checks of its user', async () => {
    const own = dependency('d', {
      downtime: async ({ marker }, { marker: mine }) => (String(marker) > String(mine) ? 'behind' : undefined),
      recovered: ({ marker }, { marker: mine }) => String(mine) >= String(marker),
    });
    const point = checkpoint({ name: 'p', dependencies: [own] });

    expect(await point.checkPulse('a')).toBe(undefined);
    expect(await point.checkPulse('b')).toBe('behind');
    expect((await point.heartbeat('b')).isLate).toBe(false);
    await expect(checkpoint({ name: 'p', dependencies: [dependency('d')] }).checkPulse('a')).rejects.toThrow(argument);
  });

  test('is kept in a store, with what is down', async () => {
    for (const cache of [new Map<string, unknown>(), later(new Map<string, unknown>())]) {
      const make = (): Checkpoint =>
        checkpoint({ name: 'p', dependencies: [dependency('d', { threshold: 1 })], cache });
      const before = make();
      await before.checkPulse(5, { offset: 1 });
      await before.checkPulse(9, { offset: 2 });

      const after = make();
      expect(await after.heartbeat(8)).toEqual({ isLate: true, dependentMarker: 9, dependencyMarker: 8 });
      expect([after.state, after.dependencies.get('d')?.state]).toEqual([{ offset: 2 }, { offset: 1 }]);
      expect(await after.heartbeat(10)).toMatchObject({ isLate: false });
    }
  });

  test('is kept with the time for which it was down', async () => {
    const cache = new Map<string, unknown>();
    const make = (): Checkpoint => checkpoint({ name: 'p', dependencies: [dependency('d', { threshold: 5 })], cache });
    const before = make();
    for (const time of [0, 10, 12]) await before.checkPulse(time);
    await before.heartbeat(11);

    expect(await before.checkPulse(13)).toBe(12);
    expect(await make().checkPulse(13)).toBe(12);
  });

  test('takes calls one after the other, also after one that has failed', async () => {
    const point = checkpoint({
      name: 'p',
      dependencies: [dependency('d', { threshold: 1 })],
      onDowntime: async () => {
        await turns();
        throw new Error('callback');
      },
    });
    const results = [point.checkPulse(0), point.checkPulse(5), point.heartbeat(1), point.heartbeat(6)];

    expect((await Promise.allSettled(results)).map((it) => (it.status === 'fulfilled' ? it.value : it.reason))).toEqual(
      [
        undefined,
        new Error('callback'),
        { isLate: true, dependentMarker: 5, dependencyMarker: 1 },
        { isLate: false, dependentMarker: 5, dependencyMarker: 6 },
      ],
    );
  });

  test('refuses markers that it cannot compare, and goes on as if they had not come', async () => {
    const point = checkpoint({ name: 'p', dependencies: [dependency('d', { threshold: 1 })] });
    await point.checkPulse(0, { n: 1 });
    for (const marker of ['text', undefined, null, new Date(NaN), NaN]) {
      await expect(point.checkPulse(marker, { n: 2 })).rejects.toThrow(argument);
      await expect(point.heartbeat(marker)).rejects.toThrow(argument);
    }

    expect([point.marker, point.state, point.dependencies.get('d')?.marker]).toEqual([0, { n: 1 }, 0]);
    expect(await point.checkPulse(5)).toBe(5);
  });

  test('reads its store anew after that has failed', async () => {
    let fails = true;
    const cache = {
      get: async () => {
        if (fails) throw new Error('away');
        return { state: { n: 1 }, marker: 1, isDown: false };
      },
      set: () => undefined,
    };
    const point = checkpoint({ name: 'p', dependencies: [dependency('d')], cache });
    await expect(point.heartbeat(2)).rejects.toThrow('away');
    fails = false;

    expect(await point.heartbeat(2)).toMatchObject({ dependentMarker: 1 });
    expect(point.state).toEqual({ n: 1 });
  });

  test('refuses names and states that are none', async () => {
    for (const name of [1n, Symbol('d'), '', null]) expect(() => dependency(name as never)).toThrow(argument);
    const point = checkpoint({ name: 'p', dependencies: [dependency('d')] });
    for (const name of [Symbol('d'), 1n, {}]) await expect(point.heartbeat(1, name as never)).rejects.toThrow(argument);
    for (const state of ['text', 5, null, [1]])
      await expect(point.checkPulse(1, state as never)).rejects.toThrow(argument);

    expect([point.marker, point.state]).toEqual([undefined, {}]);
  });

  test('is checked when it is made', () => {
    const dependencies = [dependency('d')];
    const wrong = [
      {},
      { name: '', dependencies },
      { name: 'p', dependencies: [] },
      { name: 'p', dependencies: ['d'] },
      { name: 'p', dependencies: [dependency('d'), dependency('d')] },
      { name: 'p', dependencies, dependent: {} },
      { name: 'p', dependencies, cache: {} },
      { name: 'p', dependencies, onDowntime: 1 },
      { name: 'p', dependencies, pause: true },
    ];

    for (const options of wrong) expect(() => checkpoint(options as never)).toThrow(argument);
    expect(() => dependency('')).toThrow(argument);
    expect(() => dependency('d', { threshold: 0 })).toThrow(argument);
  });
});

describe('the dependent source', () => {
  test.each([1, 2])(
    'of %i handlers is held up while a dependency is down, and goes on when it has caught up',
    async (count) => {
      const { handle, run } = flow();
      const [activity, weather] = [channel<number>(), channel<number>()];
      const point = checkpoint({
        name: 'p',
        dependent: activity,
        dependencies: [dependency('weather', { threshold: 10 })],
      });
      const seen: number[] = [];
      for (let i = 0; i < count; i += 1) {
        handle(activity)(async (time) => {
          if (i === 0) await point.checkPulse(time);
          seen.push(time);
        });
      }
      handle(weather)(async (time) => point.heartbeat(time));
      const running = run();
      for (const time of [0, 5]) await activity.send(time);
      await turns();
      for (const time of [20, 21, 22]) await activity.send(time);
      await turns();
      expect(Math.max(...seen)).toBe(20);

      await weather.send(15);
      await turns();
      expect(Math.max(...seen)).toBe(20);
      await weather.send(25);
      await turns();
      expect(Math.max(...seen)).toBe(22);
      for (const it of [activity, weather]) it.end();
      await running;
      expect(seen).toHaveLength(5 * count);
    },
  );

  test.each([1, 2])('of %i handlers is asked for no items while it is held up', async (count) => {
    const { handle, run, drain } = flow();
    const activity = recorded(numbers());
    const point = checkpoint({ name: 'p', dependent: activity, dependencies: [dependency('d', { threshold: 10 })] });
    for (let i = 0; i < count; i += 1)
      handle(activity, { maxSize: Infinity })(async (time) =>
        i === 0 ? void (await point.checkPulse(time)) : undefined,
      );
    const running = run();
    await turns();
    const { given } = activity;
    await turns();

    expect(activity.given).toBe(given);
    await point.heartbeat(given + 100);
    await turns();
    expect(activity.given).toBeGreaterThan(given + 100);
    drain();
    await running;
  });

  test('that is held up does not keep a run from draining or from being aborted', async () => {
    for (const end of ['drain', 'abort']) {
      const { handle, run, drain } = flow();
      const activity = channel<number>();
      const point = checkpoint({ name: 'p', dependent: activity, dependencies: [dependency('d', { threshold: 1 })] });
      const seen: number[] = [];
      handle(activity)(async (time) => {
        await point.checkPulse(time);
        seen.push(time);
      });
      const controller = new AbortController();
      const running = run({ signal: controller.signal });
      running.catch(() => undefined);
      for (const time of [0, 5, 6]) await activity.send(time);
      await turns();
      expect(await hasSettled(running)).toBe(false);
      if (end === 'drain') drain();
      else controller.abort(new Error('abort'));

      if (end === 'drain') await running;
      else await expect(running).rejects.toThrow('abort');
      expect(seen).toEqual([0, 5]);
    }
  });

  test('is done again from where it was wrong: activities that need the weather', async () => {
    const { handle, run, drain } = flow();
    const activities = [
      { time: at(10, 30), what: 'swimming' },
      { time: at(11, 30), what: 'walking home' },
      { time: at(12, 30), what: 'shopping' },
      { time: at(13, 10), what: 'lunch' },
    ];
    // As a topic: iterated over by position, which can be set; it has as many as were sent to it.
    let position = 0;
    let length = 0;
    let wake = (): void => undefined;
    const topic = {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          if (position < length) yield { ...activities[position], position: position++ };
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      },
      seek(to: number) {
        position = to;
        wake();
      },
    };
    const weather = channel<{ time: Date; sky: string }>();
    let sky = '';
    const enriched: string[] = [];
    const downtimes: unknown[] = [];
    const point = checkpoint({
      name: 'c',
      dependent: topic,
      dependencies: [dependency('weather', { threshold: 60 * minutes })],
      onRecovery: ({ state }) => topic.seek(state['position'] as number),
    });
    handle(weather)(async (it) => {
      sky = it.sky;
      await point.heartbeat(it.time);
    });
    handle(topic)(async (it) => {
      const downtime = await point.checkPulse(it.time, { position: it.position });
      if (downtime !== undefined) downtimes.push(downtime);
      enriched.push(`${sky} ${it.what}`);
      if (it.what === 'lunch') drain();
    });

    const running = run();
    const send = async (count: number): Promise<void> => {
      length += count;
      wake();
      await turns();
    };
    const change = async (hour: number, to: string): Promise<void> => {
      await weather.send({ time: at(hour), sky: to });
      await turns();
    };
    await change(10, '🌞');
    await send(1);
    await change(11, '⛅');
    await send(1);
    // Made of stale data: the weather was last heard of an hour and a half before.
    await send(1);
    expect(downtimes).toEqual([90 * minutes]);
    await send(1);
    await change(12, '🌦️');
    await change(13, '🌧');
    await running;

    expect(enriched).toEqual(['🌞 swimming', '⛅ walking home', '⛅ shopping', '🌧 shopping', '🌧 lunch']);
    expect(downtimes).toHaveLength(1);
  });
});

/** As a store whose methods are async. */
function later(map: Map<string, unknown>): { get(key: string): unknown; set(key: string, value: unknown): unknown } {
  return {
    async get(key) {
      await turns(1);
      return structuredClone(map.get(key));
    },
    async set(key, value) {
      await turns(1);
      map.set(key, structuredClone(value));
    },
  };
}
