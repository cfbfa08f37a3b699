import { describe, expect, test } from 'vitest';
import { createHandle, HandleReply, HandleTable } from '../../../src/codec/live/handles.ts';

interface Open {
  reply: HandleReply;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

function openReply(): Open {
  let settlers!: Omit<Open, 'reply'>;
  const reply = new HandleReply((resolve, reject) => (settlers = { resolve, reject }));
  return { reply, ...settlers };
}

/** The unhandled rejections of `action` and of the turn after it. */
async function unheard(action: () => unknown): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => reasons.push(reason));
  action();
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  process.removeAllListeners('unhandledRejection');
  for (const other of others) process.on('unhandledRejection', other);
  return reasons;
}

describe('a reply', () => {
  test.each<[string, (reply: Promise<unknown>) => unknown]>([
    ['awaited', async (reply) => await reply],
    ['returned by an async function', async (reply) => reply],
    ['chained by then', (reply) => reply.then((value) => value)],
    ['chained by catch', (reply) => reply.catch(() => undefined)],
    ['chained by finally', (reply) => reply.finally(() => undefined)],
    ['in Promise.all', (reply) => Promise.all([reply, Promise.resolve()])],
    ['in Promise.race', (reply) => Promise.race([reply, new Promise(() => {})])],
    ['in Promise.allSettled', (reply) => Promise.allSettled([reply])],
    ['resolved with', (reply) => Promise.resolve(reply)],
  ])('is taken once it is %s', async (_, take) => {
    const { reply, resolve } = openReply();
    expect(reply.taken).toBe(false);

    const done = take(reply);
    resolve(5);
    await done;

    expect(reply.taken).toBe(true);
  });

  test('is a promise, and gives plain promises', async () => {
    const { reply, resolve } = openReply();
    resolve(5);

    expect(reply).toBeInstanceOf(Promise);
    expect(reply.then((value) => value).constructor).toBe(Promise);
    expect(await reply).toBe(5);
  });

  test('that nobody takes fails without an unhandled rejection, and is not taken by that', async () => {
    const { reply, reject } = openReply();
    reply.quiet();

    expect(await unheard(() => reject(new Error('lost')))).toEqual([]);
    expect(reply.taken).toBe(false);
    await expect(reply).rejects.toThrow('lost');
  });

  test('that is taken rejects as any promise does', async () => {
    const { reply, reject } = openReply();
    const bad = new Error('heard');
    reply.quiet();

    expect(
      await unheard(() => {
        void reply.then(() => undefined);
        reject(bad);
      }),
    ).toEqual([bad]);
  });
});

describe('a handle', () => {
  test('sends its arguments and gives the reply', async () => {
    const { reply, resolve } = openReply();
    const sent: unknown[][] = [];
    const handle = createHandle(
      (args) => (sent.push(args), reply),
      () => false,
    );

    const result = handle(1, 'two') as Promise<unknown>;
    resolve('three');

    expect(handle.name).toBe('handle');
    expect(sent).toEqual([[1, 'two']]);
    expect(result).toBe(reply);
    expect(await result).toBe('three');
  });

  test('that is released rejects, and goes unheard where nobody takes the result', async () => {
    const handle = createHandle(
      () => openReply().reply,
      () => true,
    );

    expect(await unheard(() => handle())).toEqual([]);
    await expect(handle()).rejects.toMatchObject({ name: 'OffloopError', code: 'ERR_OFFLOOP_HANDLE_RELEASED' });
  });
});

describe('a table of handles', () => {
  test('has one id for one function, and gives the function back', () => {
    const handles = new HandleTable();
    const [a, b] = [(): void => undefined, (): void => undefined];

    const id = handles.exportFunction(a);
    expect(handles.exportFunction(a)).toBe(id);
    expect(handles.exportFunction(b)).not.toBe(id);
    expect(handles.get(id)).toBe(a);
    expect(handles.get(99)).toBeUndefined();
  });
});
