/** A lane and what serves it, without a thread: over a transport that delays, and cuts. @module */

import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { nothingLearnt } from '../../../src/codec/quick/learnt.ts';
import type { Definition } from '../../../src/address/registry.ts';
import { Call } from '../../../src/call/call.ts';
import { plainPlan } from '../../../src/call/call-plan.ts';
import type { CallPlan } from '../../../src/call/call-plan.ts';
import { Lane } from '../../../src/call/lane/lane.ts';
import { ContextVar } from '../../../src/context/context-var.ts';
import { serve } from '../../../src/job/serve.ts';
import { callSignal } from '../../../src/wait/call-signal.ts';
import { withSignal } from '../../../src/wait/running-call.ts';
import { Up } from '../../../src/wire/messages.ts';
import type { LocalAddress } from '../../../src/wire/messages.ts';
import { Sequenced } from '../../../src/wire/sequenced.ts';
import * as up from '../../../src/wire/up.ts';
import { wireEnds } from '../../../src/wire/wire.ts';
import { pairedEnds } from '../../support/transport-pair.ts';
import type { LanePair } from '../../support/transport-pair.ts';

let id = 1000;

/** A function as the registry has it. */
function defined(fn: (...args: never) => unknown, cost = Infinity): Definition {
  return {
    id: (id += 1),
    name: fn.name,
    fn,
    instance: false,
    owner: undefined,
    learnt: { ...nothingLearnt(), cost },
  } as unknown as Definition;
}

interface Line extends LanePair {
  readonly lane: Lane;
  call(definition: Definition, args?: unknown[], plan?: Partial<CallPlan>): Call;
}

function line(isSequenced = false): Line {
  const { near, far } = wireEnds();
  for (const { port } of [near, far]) port.close();
  const pair = pairedEnds(near.control);
  const over = <E extends LanePair['near']>(end: E): { transport: Sequenced | E['transport']; control: Int32Array } =>
    isSequenced ? { ...end, transport: new Sequenced(end.transport) } : end;
  const definitions = new Map<number, Definition>();
  const lane = new Lane(over(pair.near), { onProgress: () => undefined, onLoss: () => undefined }, (definition) => {
    definitions.set(definition.id, definition);
    return { local: definition.id };
  });
  serve<LocalAddress>(over(pair.far), {
    find: async ({ local }) => definitions.get(local) as Definition,
    explain: (thrown) => thrown,
    enter: withSignal,
    isInline: true,
  });
  return {
    ...pair,
    lane,
    call(definition, args = [], plan = {}) {
      const call = new Call(definition, args, { ...plainPlan, ...plan }, { at: 0 });
      call.promise.catch(() => undefined);
      call.holder = { gone: (given, reason) => void lane.interrupt(given, reason) };
      lane.sender.send(call);
      return call;
    },
  };
}

const end = { exitCode: 1, threadId: 0, cause: new Error('cut') };

describe('a lane without a thread', () => {
  test('answers calls in their order, with copies', async () => {
    const { call, settle } = line();
    const echo = defined((value: unknown) => value);
    const given = { deep: [1, new Map([['a', 1]])] };
    const calls = [given, 'b', undefined].map((value) => call(echo, [value]));
    await settle();

    const results = await Promise.all(calls.map(async ({ promise }) => promise));
    expect(results).toEqual([given, 'b', undefined]);
    expect(results[0]).not.toBe(given);
  });

  test('sends a short call at once, those that follow it once the microtasks have run that are due, and longer ones before', async () => {
    const { call, near, settle } = line();
    const posts = vi.spyOn(near.transport, 'post');
    const [short, long] = [0, Infinity].map((cost) => defined((n: number) => n, cost));
    const turn = async (): Promise<void> => {
      for (let i = 0; i < 10; i += 1) await Promise.resolve();
    };
    call(long as Definition, [0]);
    await settle();
    call(short as Definition, [0]);
    await settle();
    posts.mockClear();
    // On a busy machine the first call of the short function may have taken long.
    for (const [definition, cost] of [
      [short, 0],
      [long, Infinity],
    ] as const)
      (definition as Definition).learnt.cost = cost;

    call(short as Definition, [1]);
    expect(posts).toHaveBeenCalledTimes(1);
    call(short as Definition, [2]);
    await turn();
    expect(posts).toHaveBeenCalledTimes(1);
    call(long as Definition, [3]);
    await turn();
    expect(posts).toHaveBeenCalledTimes(2);
    await settle();
  });

  test('rejects with what the function throws, and goes on', async () => {
    const { call, settle } = line();
    const fails = defined(() => {
      throw new RangeError('no');
    });
    const [failed, after] = [call(fails), call(defined(() => 1))];
    await settle();

    await expect(failed.promise).rejects.toThrow(new RangeError('no'));
    expect(await after.promise).toBe(1);
  });

  test('lets an async function hold the line until it has settled', async () => {
    const { call, settle } = line();
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const order: string[] = [];
    const slow = defined(async () => {
      await gate;
      order.push('slow');
    });
    const calls = [call(slow), call(defined(() => void order.push('next')))];
    await settle();
    expect(order).toEqual([]);
    open();
    await settle();

    await Promise.all(calls.map(async ({ promise }) => promise));
    expect(order).toEqual(['slow', 'next']);
  });

  test('calls back the functions of the arguments', async () => {
    const { call, settle } = line();
    const sums = defined(async (add: (n: number) => Promise<number>) => (await add(1)) + (await add(2)));
    const asked = call(sums, [async (n: number) => n * 10]);
    await settle();

    expect(await asked.promise).toBe(30);
  });

  test('gives the context of a callback whose call is over to no other callback', async () => {
    const { far, call, settle } = line();
    const seen = new ContextVar('seen', { defaultValue: 'the default' });
    const asks = defined(async (ask: () => Promise<string>) => ask());
    const over = call(asks, [async () => 'first']);
    await settle();
    expect(await over.promise).toBe('first');

    far.transport.post(up.context(over.sentAs, { variables: ['seen', 'left over'], stores: [], holes: undefined }), []);
    far.transport.post(up.callBack(Up.callback, over.sentAs, 9, 1, [], undefined), []);
    const asked = call(asks, [async () => seen.get()]);
    await settle();

    expect(await asked.promise).toBe('the default');
  });

  test('tells a call that it was given up, which may end by itself', async () => {
    const { lane, call, settle } = line();
    const waits = defined(async () => {
      const signal = callSignal();
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
    });
    const given = call(waits);
    await settle();
    expect(lane.interrupt(given, new Error('enough'))).toBe(true);
    await settle();

    await expect(given.promise).rejects.toThrow('enough');
    expect(lane.load).toBe(0);
  });

  test('takes back what the other end has not started, and sends it elsewhere', async () => {
    const [one, other] = [line(), line()];
    const started = one.call(defined(async () => new Promise(() => undefined)));
    await one.settle();
    const waiting = [1, 2].map((n) =>
      one.call(
        defined((value: number) => value),
        [n],
      ),
    );

    const taken = one.lane.recovery.takeBack();
    expect(taken).toEqual(waiting);
    for (const call of taken) other.lane.sender.send(call);
    await Promise.all([one.settle(), other.settle()]);

    expect(await Promise.all(waiting.map(async ({ promise }) => promise))).toEqual([1, 2]);
    expect([started.settled, one.lane.load]).toEqual([false, 1]);
  });

  test('that is cut gives back what had not started, and fails what had', async () => {
    const { lane, near, far, call, settle } = line();
    const started = call(defined(async () => new Promise(() => undefined)));
    await settle();
    const waiting = call(defined(() => 1));
    near.transport.cut();
    far.transport.cut();

    expect(lane.recovery.end(end)).toEqual([waiting]);
    await expect(started.promise).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });
  });

  test('takes a record that it does not know for a message that was lost: the running call is told', async () => {
    const { far, call, settle } = line();
    const running = call(defined(async () => new Promise(() => undefined)));
    await settle();
    far.transport.post([99, 0, undefined, undefined, undefined, undefined], []);
    far.transport.deliver();

    await expect(running.promise).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_NOT_CLONEABLE',
      cause: { message: expect.stringContaining('its tag is 99') as string },
    });
  });

  test('gives what had arrived before it was cut', async () => {
    const { lane, far, near, call, settle } = line();
    const answered = call(defined(() => 'there'));
    while (far.transport.underWay.length === 0) {
      near.transport.deliver();
      await new Promise((resolve) => setImmediate(resolve));
    }
    far.transport.deliver();
    near.transport.cut();
    far.transport.cut();

    expect(lane.recovery.end(end)).toEqual([]);
    expect(await answered.promise).toBe('there');
    await settle();
  });

  test.each([false, true])(
    'answers each call once, however its messages are delayed; sequenced: %s',
    async (isSequenced) => {
      const steps = fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 3 }), fc.boolean()), { maxLength: 60 });
      await fc.assert(
        fc.asyncProperty(steps, async (schedule) => {
          const { near, far, call, settle } = line(isSequenced);
          const ran: number[] = [];
          const runs = defined((n: number) => {
            ran.push(n);
            return n;
          });
          const calls: Call[] = [];
          for (const [isCall, count, isDown] of schedule) {
            if (isCall) calls.push(call(runs, [calls.length]));
            else (isDown ? near : far).transport.deliver(count);
            if (count === 0) await new Promise((resolve) => setImmediate(resolve));
          }
          await settle();

          const numbers = calls.map((_, i) => i);
          expect(await Promise.all(calls.map(async ({ promise }) => promise))).toEqual(numbers);
          expect(ran).toEqual(numbers);
        }),
        { numRuns: 60 },
      );
    },
  );
});
