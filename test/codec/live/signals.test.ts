import { once } from 'node:events';
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { pack } from '../../../src/codec/walk/pack.ts';
import { exportSignal, importSignal } from '../../../src/codec/live/signals.ts';
import type { SignalTicket } from '../../../src/codec/live/signals.ts';
import { unpack } from '../../../src/codec/walk/unpack.ts';

/** A signal as it is after its ticket went through a port. */
function follow(source: AbortSignal): { signal: AbortSignal; dispose(): void; disposeSource(): void } {
  const { ticket, dispose: disposeSource } = exportSignal(source);
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(ticket, [ticket.port]);
  const arrived = (receiveMessageOnPort(port2) as { message: SignalTicket }).message;
  port1.close();
  return { ...importSignal(arrived), disposeSource };
}

describe('a signal that follows another', () => {
  test('is a real one, not aborted at first', () => {
    const { signal, dispose } = follow(new AbortController().signal);

    expect(signal).toBeInstanceOf(AbortSignal);
    expect(signal.aborted).toBe(false);
    expect(signal.reason).toBeUndefined();
    expect(() => signal.throwIfAborted()).not.toThrow();
    dispose();
  });

  test('is live in blocking code, with the reason, and calls no listener there', () => {
    const controller = new AbortController();
    const { signal, dispose } = follow(controller.signal);
    let calls = 0;
    signal.addEventListener('abort', () => (calls += 1));

    controller.abort(new RangeError('enough'));

    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(RangeError);
    expect(() => signal.throwIfAborted()).toThrow('enough');
    expect(signal.reason).toBe(signal.reason);
    expect(calls).toBe(0);
    dispose();
  });

  test('calls its listeners when the loop turns, once', async () => {
    const controller = new AbortController();
    const { signal, dispose } = follow(controller.signal);
    let calls = 0;
    signal.addEventListener('abort', () => (calls += 1));
    const aborted = once(signal, 'abort');

    controller.abort('reason');
    await aborted;

    expect(signal.reason).toBe('reason');
    expect(calls).toBe(1);
    dispose();
  });

  test('has a state of its own once its listeners are called: a runtime may ask for it before it calls them', async () => {
    const controller = new AbortController();
    const { signal, dispose } = follow(controller.signal);
    const heard = new Promise<boolean>((resolve) =>
      signal.addEventListener('abort', () => resolve(Object.hasOwn(signal, 'aborted'))),
    );

    controller.abort('enough');

    expect(await heard).toBe(false);
    dispose();
    expect([signal.aborted, signal.reason]).toEqual([true, 'enough']);
  });

  test('calls its listeners also after blocking code has looked', async () => {
    const controller = new AbortController();
    const { signal, dispose } = follow(controller.signal);
    const aborted = once(signal, 'abort');

    controller.abort('reason');
    expect(signal.aborted).toBe(true);

    await aborted;
    expect(signal.reason).toBe('reason');
    dispose();
  });

  test.each([0, '', false, null])('keeps a falsy reason: %s', (reason) => {
    const controller = new AbortController();
    const { signal, dispose } = follow(controller.signal);

    controller.abort(reason);

    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBe(reason);
    dispose();
  });

  test("has a reason of the user's class where that can be found", () => {
    class Gone extends Error {}
    const controller = new AbortController();
    const { ticket, dispose } = exportSignal(controller.signal);
    const { signal, dispose: forget } = importSignal(ticket, { resolveClass: () => Gone });

    controller.abort(new Gone('away'));

    expect(signal.reason).toBeInstanceOf(Gone);
    dispose();
    forget();
  });

  test('has the usual reason if none was given', () => {
    const { signal, dispose } = follow(AbortSignal.abort());

    expect(signal.reason).toBeInstanceOf(DOMException);
    expect(signal.reason).toMatchObject({ name: 'AbortError', code: 20 });
    dispose();
  });

  test('is aborted from the start if the other was', async () => {
    const { signal, dispose } = follow(AbortSignal.abort('early'));

    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBe('early');
    await once(signal, 'abort');
    dispose();
  });

  test('works with AbortSignal.any and with functions that take a signal', async () => {
    const controller = new AbortController();
    const { signal, dispose } = follow(controller.signal);
    const any = AbortSignal.any([signal, new AbortController().signal]);
    const waiting = once(new EventTarget(), 'never', { signal });

    controller.abort(new Error('stop'));

    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(any.aborted).toBe(true);
    expect(any.reason).toBe(signal.reason);
    await expect(fetch('http://localhost:1', { signal })).rejects.toThrow('stop');
    dispose();
  });

  test('keeps the state it has when it is disposed of', () => {
    const [early, late] = [new AbortController(), new AbortController()];
    const [aborted, open] = [follow(early.signal), follow(late.signal)];
    early.abort('early');
    expect(aborted.signal.aborted).toBe(true);
    aborted.dispose();
    open.dispose();

    late.abort('late');

    expect(aborted.signal.reason).toBe('early');
    expect(open.signal.aborted).toBe(false);
  });

  test('hears an abort that comes right before the other end is disposed of', async () => {
    const controller = new AbortController();
    const { signal, dispose, disposeSource } = follow(controller.signal);
    const aborted = once(signal, 'abort');

    controller.abort('last words');
    disposeSource();

    await aborted;
    expect(signal.reason).toBe('last words');
    dispose();
  });

  test('arrives as an argument, the same signal once', () => {
    const controller = new AbortController();
    const exported = exportSignal(controller.signal);
    const { values, holes, transfer } = pack([controller.signal, { signal: controller.signal }], {
      root: 'args',
      exportSignal: () => exported.ticket,
    });
    const { port1, port2 } = new MessageChannel();
    port1.postMessage([values, holes], transfer);
    const [arrived, arrivedHoles] = (receiveMessageOnPort(port2) as { message: [unknown[], never[]] }).message;
    port1.close();

    const disposals: (() => void)[] = [];
    const [signal, inner] = unpack(arrived, arrivedHoles, {
      importSignal(ticket) {
        const { signal, dispose } = importSignal(ticket);
        disposals.push(dispose);
        return signal;
      },
    }) as [AbortSignal, { signal: AbortSignal }];
    controller.abort('both');

    expect(inner.signal).toBe(signal);
    expect(signal.reason).toBe('both');
    for (const dispose of disposals) dispose();
  });
});

describe('exporting a signal', () => {
  test('leaves no listener behind, however often, and gives no warning', async () => {
    const controller = new AbortController();
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listen);
    const listeners = new Set<unknown>();
    const { addEventListener, removeEventListener } = AbortSignal.prototype;
    Object.assign(controller.signal, {
      addEventListener(type: string, listener: () => void, options: object) {
        listeners.add(listener);
        addEventListener.call(this, type, listener, options);
      },
      removeEventListener(type: string, listener: () => void) {
        listeners.delete(listener);
        removeEventListener.call(this, type, listener);
      },
    });

    const exported = Array.from({ length: 50 }, () => exportSignal(controller.signal));
    expect(listeners.size).toBe(1);
    for (const { dispose } of exported) dispose();
    await new Promise(setImmediate);

    expect(listeners.size).toBe(0);
    expect(warnings).toEqual([]);
    process.off('warning', listen);
  });

  test('keeps neither side alive', async () => {
    const codec = new URL('../../../dist/src/codec/live/signals.js', import.meta.url).href;
    const { ticket } = exportSignal(new AbortController().signal);
    const worker = new Worker(
      `import(${JSON.stringify(codec)}).then(({ importSignal }) => {
         const { signal } = importSignal(require('node:worker_threads').workerData);
         signal.addEventListener('abort', () => {});
       });`,
      { eval: true, workerData: ticket, transferList: [ticket.port] },
    );

    expect(await once(worker, 'exit')).toEqual([0]);
  });

  test('wakes a thread that waits on the flag, which then reads the reason', async () => {
    const codec = new URL('../../../dist/src/codec/live/signals.js', import.meta.url).href;
    const controller = new AbortController();
    const { ticket, dispose } = exportSignal(controller.signal);
    const worker = new Worker(
      `import(${JSON.stringify(codec)}).then(({ importSignal }) => {
         const { workerData, parentPort } = require('node:worker_threads');
         const { signal } = importSignal(workerData);
         parentPort.postMessage('waiting');
         while (!signal.aborted) Atomics.wait(workerData.flag, 0, 0);
         parentPort.postMessage(signal.reason);
         parentPort.unref();
       });`,
      { eval: true, workerData: ticket, transferList: [ticket.port] },
    );
    // The last message and the exit may come in one turn.
    const exited = once(worker, 'exit');
    await once(worker, 'message');

    controller.abort({ why: 'test' });

    expect(await once(worker, 'message')).toEqual([{ why: 'test' }]);
    await exited;
    dispose();
  });
});
