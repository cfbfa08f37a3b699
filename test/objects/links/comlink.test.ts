/** Links to a peer that has stock Comlink alone, which may attack. @module */

import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import type { Remote } from 'comlink';
import { afterEach, describe, expect, test } from 'vitest';
import { Latch } from '../../../src/base/latch.ts';
import { entityStream, link } from '../../../src/objects/index.ts';
import type { Link, LinkOptions, Peer } from '../../../src/objects/index.ts';
import { openPorts } from '../../support/heap.ts';
import { PortMain } from './transports.ts';

class Account {
  #sum = 0;
  secret = 'field';
  add(n: number): number {
    return (this.#sum += n);
  }
  get sum(): number {
    return this.#sum;
  }
}

class Service {
  token = 'secret';
  gate = new Latch();
  kept: ((n: number) => Promise<number>) | undefined;
  add(a: number, b: number): number {
    return a + b;
  }
  get size(): number {
    return 3;
  }
  fail(): never {
    throw Object.assign(new RangeError('too much'), { code: 'ERR_MUCH' });
  }
  open(): Account {
    return new Account();
  }
  keep(fn: (n: number) => Promise<number>): void {
    this.kept = fn;
  }
  callKept(n: number): Promise<number> | undefined {
    return this.kept?.(n);
  }
  adder(n: number): (m: number) => number {
    return (m) => n + m;
  }
  self(): Service {
    return this;
  }
  hidden(): unknown {
    return { deep: [new Account()] };
  }
  numbers(): unknown {
    return entityStream([1, 2, 3], { window: 2 });
  }
  async wait(): Promise<string> {
    await this.gate.opened;
    return 'done';
  }
  url(): URL {
    return new URL('https://example.org');
  }
}

/** A page that exposes an object by stock Comlink. */
const page = {
  title: 'page',
  double: (n: number) => n * 2,
  apply: async (fn: (n: number) => Promise<number>, n: number) => fn(n),
  fail: () => {
    throw new TypeError('page failed');
  },
  maker: () => Comlink.proxy({ name: 'made', twice: (n: number) => n * 2 }),
  never: () => new Promise(() => undefined),
};

let open: { link: Link; ports: MessagePort[] }[] = [];
afterEach(async () => {
  for (const { link: it, ports } of open.splice(0)) {
    await it.close();
    for (const port of ports) port.close();
  }
  open = [];
  expect({}).not.toHaveProperty('polluted');
});

interface Stock {
  readonly service: Service;
  readonly ours: Link<typeof page>;
  readonly peer: Peer<typeof page>;

  /** What the page exposes. */
  readonly exposed: typeof page;

  /** The proxy of our service in stock Comlink. */
  readonly proxy: Remote<Service>;

  /** The other side's port, to send anything. */
  readonly port: MessagePort;
}

function begin(options: LinkOptions = {}): Stock {
  const { port1, port2 } = new MessageChannel();
  const service = new Service();
  const ours = link<typeof page>(port1, service, { nested: [Account], closeTimeout: 50, ...options });
  const exposed = { ...page };
  Comlink.expose(exposed, port2);
  const proxy = Comlink.wrap<Service>(port2);
  open.push({ link: ours as unknown as Link, ports: [port1, port2] });
  return { service, ours, peer: ours.peer, proxy, port: port2, exposed };
}

const codeOf = async (promise: PromiseLike<unknown> | undefined): Promise<unknown> => {
  try {
    return await promise;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

/** Sends what no proxy would, and gives the answer to `id`. */
async function send(port: MessagePort, message: Record<string, unknown>, id = 'x'): Promise<Record<string, unknown>> {
  const answer = new Promise<Record<string, unknown>>((resolve) => {
    port.on('message', (data: Record<string, unknown>) => (data['id'] === id ? resolve(data) : undefined));
  });
  port.postMessage({ id, ...message });
  return answer;
}

const isRefused = (answer: Record<string, unknown>): boolean =>
  answer['type'] === 'HANDLER' && answer['name'] === 'throw';

describe('a peer with stock Comlink', () => {
  test('uses what is exposed, and is used', async () => {
    const { peer, proxy, ours } = begin();

    expect(await proxy.add(1, 2)).toBe(3);
    expect(await proxy.size).toBe(3);
    expect(await peer.double(4)).toBe(8);
    expect(await peer.title).toBe('page');
    expect(ours.status).toBe('connected');
    await expect(peer.fail()).rejects.toThrow('page failed');
    await expect(proxy.fail()).rejects.toMatchObject({ message: 'too much', name: 'RangeError', code: 'ERR_MUCH' });
  });

  test('passes functions and objects in both directions', async () => {
    const { peer, proxy, service } = begin();

    expect(await peer.apply(async (n) => n + 1, 1)).toBe(2);
    await proxy.keep(Comlink.proxy(async (n: number) => n * 3));
    expect(await service.callKept(2)).toBe(6);
    const add = (await proxy.adder(2)) as unknown as (n: number) => Promise<number>;
    expect(await add(3)).toBe(5);
    const account = (await proxy.open()) as unknown as Remote<Account>;
    expect(await account.add(4)).toBe(4);
    expect(await account.sum).toBe(4);
    const made = (await peer.maker()) as unknown as Peer<{ name: string; twice(n: number): number }>;
    expect([await made.twice(4), await made.name]).toEqual([8, 'made']);
    const self = (await proxy.self()) as unknown as Remote<Service>;
    expect(await self.add(1, 1)).toBe(2);
    const numbers = (await proxy.numbers()) as Remote<{ pull(n: number): { items: number[] } }>;
    expect(await numbers.pull(9)).toEqual({ items: [1, 2, 3], isOver: true });
  });

  test('gets no part of a value that would lose something', async () => {
    const { proxy, peer } = begin();

    expect(await codeOf(proxy.hidden())).toBe('ERR_OFFLOOP_NOT_CLONEABLE');
    expect(await codeOf(proxy.url())).toBe('ERR_OFFLOOP_NOT_CLONEABLE');
    expect(await codeOf((peer.double as (it: unknown) => Promise<unknown>)({ fn: () => 1 }))).toBe(
      'ERR_OFFLOOP_NOT_CLONEABLE',
    );
  });

  test('that is gone, or hangs, fails the calls that wait for it', async () => {
    const { peer, port, ours } = begin();

    expect(await codeOf(peer.with({ timeout: 5 }).never())).toBe('ERR_OFFLOOP_TIMEOUT');
    const controller = new AbortController();
    const aborted = peer.with({ signal: controller.signal }).never();
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    const made = (await peer.maker()) as unknown as Peer<{ twice(n: number): number }>;
    const call = peer.never();
    port.close();
    expect(await codeOf(call)).toBe('ERR_OFFLOOP_DISCONNECTED');
    await ours.closed;
    expect(await codeOf(peer.double(1))).toBe('ERR_OFFLOOP_DISCONNECTED');
    expect(await codeOf(made.twice(1))).toBe('ERR_OFFLOOP_DISCONNECTED');
  });

  test('that says nothing is taken for lost', async () => {
    const { port1 } = new MessageChannel();
    const ours = link<typeof page>(port1, {}, { connectTimeout: 20 });

    expect(await codeOf(ours.peer.double(1))).toBe('ERR_OFFLOOP_DISCONNECTED');
  });

  test('may release in the middle of a call, which goes on', async () => {
    const { proxy, service, port } = begin();

    const call = send(port, { type: 'APPLY', path: ['wait'], argumentList: [] }, 'wait');
    expect(await send(port, { type: 'RELEASE' }, 'release')).toMatchObject({ type: 'RAW' });
    service.gate.open();
    expect(await call).toMatchObject({ type: 'RAW', value: 'done' });
    expect(await proxy.add(2, 2)).toBe(4);
  });
});

describe('a window of Electron', () => {
  test('is a peer with stock Comlink, for values; what needs a port of its own is refused', async () => {
    const [main, window] = PortMain.pair();
    const ours = link<typeof page>(main, new Service(), { nested: [Account] });
    // The window has a port of the web.
    const listeners = new Map<unknown, (event: unknown) => void>();
    const port: Comlink.Endpoint = {
      postMessage: (message) => window.postMessage(message),
      addEventListener(name, listener) {
        const own = (event: unknown): void => (listener as (event: unknown) => void)(event);
        listeners.set(listener, own);
        window.on(name, own);
      },
      removeEventListener: (name, listener) => void window.off(name, listeners.get(listener) as () => void),
      start: () => window.start(),
    };
    Comlink.expose(page, port);
    const proxy = Comlink.wrap<Service>(port);
    port.start?.();

    expect(await proxy.add(1, 2)).toBe(3);
    expect(await ours.peer.double(4)).toBe(8);
    expect(await codeOf(proxy.open())).toBe('ERR_OFFLOOP_NOT_CLONEABLE');
    expect(await codeOf(proxy.constructor.constructor('return process') as unknown as Promise<unknown>)).toBe(
      'ERR_OFFLOOP_NOT_FOUND',
    );
    expect(await codeOf(ours.peer.apply(async (n) => n, 1))).toBe('ERR_OFFLOOP_NOT_CLONEABLE');
    await ours.close();
  });
});

/** Anything that an attacker could try of a proxy. */
type Deep = ((...args: unknown[]) => Deep) &
  (new (...args: unknown[]) => Deep) & {
    readonly [name in 'constructor' | '__proto__' | 'add' | 'hasOwnProperty']: Deep;
  } & {
    readonly [name in 'call' | 'token' | 'secret' | 'toString' | typeof Comlink.createEndpoint]: Deep;
  };

describe('an attack on a link', () => {
  const evil = 'globalThis.polluted = true; return process.version';

  test.each([
    ['runs code by constructors', (it) => new it.constructor.constructor(evil)],
    ['calls constructors', (it) => it.constructor.constructor(evil)],
    ['reads a constructor', (it) => it.constructor],
    ['reads the prototype', (it) => it.__proto__.toString],
    ['constructs', (it) => new it()],
    ['constructs a member', (it) => new it.add()],
    ['goes through a method', (it) => it.add.constructor(evil)],
    ['borrows a method', (it) => it.add.call.call(1, 2)],
    ['uses a method of all objects', (it) => it.hasOwnProperty('token')],
    ['reads a field', (it) => it.token],
    ['reads a field of a nested object', (it) => it.secret],
    ['asks for another endpoint', (it) => it[Comlink.createEndpoint]()],
  ] as [string, (it: Deep) => unknown][])('%s: at the top, nested, and from a callee', async (_, attack) => {
    const { proxy, peer, service, exposed } = begin();
    const account = await proxy.open();
    const adder = await proxy.adder(1);
    const targets: unknown[] = [proxy, account, adder];
    // From a callee: the page attacks the function that it is given.
    const stolen = new Latch();
    (exposed as Record<string, unknown>)['apply'] = (fn: unknown) => {
      targets.push(fn);
      stolen.open();
      return 0;
    };
    await peer.apply(async (n) => n, 1);
    await stolen.opened;
    await peer.apply(new Account() as never, 1);
    expect(targets).toHaveLength(5);

    for (const target of targets)
      await expect((async () => await attack(target as Deep))(), 'is refused').rejects.toThrow(
        /Cannot|not a constructor/,
      );
    expect(globalThis).not.toHaveProperty('polluted');
    expect(await proxy.add(1, 2)).toBe(3);
    expect(service.token).toBe('secret');
  });

  test('assigns members', async () => {
    const { port, service, proxy } = begin();
    // The port of a nested object, too.
    const { value } = await send(port, { type: 'APPLY', path: ['open'], argumentList: [] });
    const nested = value as MessagePort;
    const one = { type: 'RAW', value: 1 };

    for (const target of [port, nested])
      for (const path of [
        ['add'],
        ['token'],
        ['secret'],
        ['__proto__', 'polluted'],
        ['constructor', 'prototype', 'polluted'],
      ])
        expect(isRefused(await send(target, { type: 'SET', path, value: one }))).toBe(true);
    expect(await send(nested, { type: 'APPLY', path: ['add'], argumentList: [one] }, 'add')).toMatchObject(one);
    nested.close();
    expect(await proxy.add(1, 2)).toBe(3);
    expect(service.token).toBe('secret');
  });

  test.each([
    { type: 'GET', path: ['add', 'constructor'] },
    { type: 'GET', path: Array.from({ length: 100_000 }, () => 'a') },
    { type: 'GET', path: ['x'.repeat(1_000_000)] },
    { type: 'GET', path: [{ toString: 1 }] },
    { type: 'GET', path: 'add' },
    { type: 'GET', path: [] },
    { type: 'APPLY', path: [], argumentList: [] },
    { type: 'APPLY', path: ['add'], argumentList: Array.from({ length: 5000 }, () => ({ type: 'RAW' })) },
    { type: 'APPLY', path: ['add'], argumentList: [{ type: 'HANDLER', name: 'proxy', value: {} }] },
    { type: 'APPLY', path: ['add'], argumentList: [{ type: 'HANDLER', name: 'toString', value: {} }] },
    { type: 'APPLY', path: ['add'], argumentList: [null, 1] },
    { type: 'APPLY', path: ['add'], argumentList: { length: 1e9 } },
    { type: 'CONSTRUCT', path: ['add'], argumentList: [] },
    { type: 'ENDPOINT', path: [] },
    { type: 'EVAL', path: [], code: 'process.exit()' },
    { type: { toString: 'GET' }, path: [] },
    {},
  ])('sends what no proxy sends: %#', async (message) => {
    const { port, proxy } = begin();

    expect(isRefused(await send(port, message))).toBe(true);
    expect(await proxy.add(1, 2)).toBe(3);
  });

  test('forges answers', async () => {
    const { peer, port, proxy } = begin();
    await proxy.add(1, 2);

    const asked = new Promise<string>((resolve) => {
      port.on('message', ({ id, path }: { id: string; path?: string[] }) => (path?.[0] === 'never' ? resolve(id) : 0));
    });
    const call = peer.never();
    const id = await asked;
    for (const forged of ['unknown', 1, {}, null, 'x'.repeat(1e6)])
      port.postMessage({ id: forged, type: 'RAW', value: 1 });
    for (const other of [null, 0, 'text', [], new Map(), { id: '' }]) port.postMessage(other);
    port.postMessage({
      id,
      type: 'HANDLER',
      name: 'throw',
      value: { isError: true, value: { message: {}, __proto__: 1 } },
    });
    await expect(call).rejects.toThrow('[object Object]');
    // A second answer is nobody's.
    port.postMessage({ id, type: 'RAW', value: 2 });
    const bad = peer.double(1);
    expect(await bad).toBe(2);
    expect(await proxy.add(1, 2)).toBe(3);
  });

  test('floods', async () => {
    const { port, service, proxy } = begin({ maxCalls: 10, maxObjects: 5 });
    await proxy.add(1, 2);

    const answers: Record<string, unknown>[] = [];
    const all = new Latch();
    port.on('message', (data: Record<string, unknown>) => {
      if (String(data['id']).startsWith('f') && answers.push(data) === 990) all.open();
    });
    for (let i = 0; i < 1000; i += 1)
      port.postMessage({ id: `f${i}`, type: 'APPLY', path: ['wait'], argumentList: [] });
    await all.opened;
    expect(answers.every(isRefused)).toBe(true);
    service.gate.open();
    const held = await Promise.all([1, 2, 3, 4, 5].map((n) => proxy.adder(n)));
    expect(await codeOf(proxy.adder(6))).toBe('ERR_OFFLOOP_OVERFLOW');
    (held[0] as unknown as Remote<Account>)[Comlink.releaseProxy]();
    await expect.poll(() => codeOf(proxy.adder(6))).not.toBe('ERR_OFFLOOP_OVERFLOW');
    const before = openPorts();
    for (let i = 0; i < 100; i += 1) expect(await codeOf(proxy.adder(i))).toBe('ERR_OFFLOOP_OVERFLOW');
    await expect.poll(openPorts, { timeout: 10_000 }).toBeLessThanOrEqual(before + 20);
  });

  test('is not helped by what is asked of a proxy here', async () => {
    const { peer } = begin();
    const made = (await peer.maker()) as unknown as Record<string, unknown>;

    for (const proxy of [peer as unknown as Record<string, unknown>, made]) {
      expect(JSON.stringify({ proxy })).toBe(typeof proxy === 'function' ? '{}' : '{"proxy":{}}');
      expect(await Promise.resolve(proxy)).toBe(proxy);
      expect(String(proxy)).toBe('[linked object]');
      for (const name of ['then', 'constructor', '__proto__', 'toJSON', 'prototype', Symbol.iterator])
        expect(proxy[name as string]).toBeUndefined();
      expect(Object.keys(proxy)).toEqual([]);
      expect(() => {
        proxy['double'] = 1;
      }).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
    }
  });
});
