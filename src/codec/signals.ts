/** `AbortSignal` as an argument: live in blocking code through shared memory, and with listeners. @module */

import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { packThrown, unpackThrown } from './error-codec.ts';
import type { PackedThrown } from './error-codec.ts';

/** What travels of a signal. The port has to be transferred. */
export interface SignalTicket {
  /** One field: `1` once the signal is aborted and the reason was posted. */
  readonly flag: Int32Array;
  readonly port: MessagePort;
}

/** A signal that another thread follows, until `dispose`. */
export interface ExportedSignal {
  readonly ticket: SignalTicket;
  dispose(): void;
}

/** Lets another thread follow `signal`. */
export function exportSignal(signal: AbortSignal): ExportedSignal {
  const { port1, port2 } = new MessageChannel();
  const flag = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  port1.unref();
  const tell = (): void => {
    // The reason first: who sees the flag finds it.
    port1.postMessage(packThrown(signal.reason));
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  };
  if (signal.aborted) tell();
  else signal.addEventListener('abort', tell, { once: true });
  return {
    ticket: { flag, port: port2 },
    dispose() {
      signal.removeEventListener('abort', tell);
      port1.close();
    },
  };
}

/** A signal that follows one of another thread's, until `dispose`; then it keeps the state it has. */
export interface ImportedSignal {
  readonly signal: AbortSignal;
  dispose(): void;
}

/**
 * Makes a signal that follows the one of `ticket`. `aborted`, `reason` and `throwIfAborted()` are live even while this
 * thread blocks; listeners are called when its loop turns.
 */
export function importSignal({ flag, port }: SignalTicket): ImportedSignal {
  const controller = new AbortController();
  const { signal } = controller;
  let aborted: { readonly reason: unknown } | undefined;

  const take = (message: PackedThrown): void => {
    aborted ??= { reason: unpackThrown(message, {}) };
  };
  const isAborted = (): boolean => {
    if (aborted || Atomics.load(flag, 0) === 0) return aborted !== undefined;
    const item = receiveMessageOnPort(port);
    if (item) {
      take(item.message as PackedThrown);
      // The event of the message that was just taken will not come.
      setImmediate(fire);
    }
    return aborted !== undefined;
  };
  const fire = (): void => {
    if (aborted && !controllerAborted.call(signal)) controller.abort(aborted.reason);
  };

  Object.defineProperties(signal, {
    aborted: { get: isAborted, configurable: true },
    reason: { get: () => (isAborted() ? aborted?.reason : undefined), configurable: true },
    throwIfAborted: {
      value: () => {
        if (isAborted()) throw aborted?.reason;
      },
      configurable: true,
    },
  });
  port.on('message', (message: PackedThrown) => {
    take(message);
    fire();
  });
  port.unref();
  return {
    signal,
    dispose() {
      isAborted();
      port.close();
    },
  };
}

/** Whether the signal's own state is aborted, whatever its live accessors say. */
const controllerAborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')?.get as (
  this: AbortSignal,
) => boolean;
