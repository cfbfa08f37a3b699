/** `AbortSignal`s as arguments: live in blocking code through shared memory, and with listeners. @module */

import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { setImmediate } from '../../base/clock.ts';
import { reasonOf } from '../../base/signal.ts';
import { packThrown, unpackThrown } from '../errors/codec.ts';
import type { PackedThrown } from '../errors/codec.ts';
import { liveSignal } from './signal.ts';
import type { Aborted } from './signal.ts';
import { onAbort } from './on-abort.ts';
import type { SignalTicket } from './ticket.ts';
import type { IncomingScope } from '../walk/unpack.ts';

export type { SignalTicket } from './ticket.ts';

/** A signal that another thread follows until `dispose`. */
export interface ExportedSignal {
  readonly ticket: SignalTicket;
  dispose(): void;
}

/**
 * Lets another thread follow `signal`. `onSeen` is called once the abort is visible there. Does not keep the process
 * alive.
 */
export function exportSignal(signal: AbortSignal, onSeen?: () => void): ExportedSignal {
  const { port1, port2 } = new MessageChannel();
  const flag = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  port1.unref();
  const tell = (): void => {
    // The reason is posted first, so that a thread that sees the flag finds it.
    port1.postMessage(packThrown(reasonOf(signal)));
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
    onSeen?.();
  };
  let stop: (() => void) | undefined;
  if (signal.aborted) tell();
  else stop = onAbort(signal, tell);
  return {
    ticket: { flag, port: port2 },
    dispose() {
      stop?.();
      port1.close();
    },
  };
}

/** A signal that follows a signal of another thread until `dispose`; after that it keeps its state. */
export interface ImportedSignal {
  readonly signal: AbortSignal;
  dispose(): void;
}

/**
 * Makes a signal that follows the one of `ticket`. `aborted`, `reason` and `throwIfAborted()` are live even while this
 * thread blocks. Listeners are called when the event loop turns, never from within one of these. `scope` revives the
 * reason.
 */
export function importSignal({ flag, port }: SignalTicket, scope: IncomingScope = {}): ImportedSignal {
  let aborted: Aborted | undefined;
  let isDisposed = false;

  const take = (message: PackedThrown): void => {
    aborted ??= { reason: unpackThrown(message, scope) };
  };
  const { signal, fire } = liveSignal(() => {
    if (aborted || isDisposed || Atomics.load(flag, 0) === 0) return aborted;
    const item = receiveMessageOnPort(port);
    if (item) {
      take(item.message as PackedThrown);
      // The message was taken from the port, so the port will emit no event for it.
      setImmediate(fire);
    }
    return aborted;
  });

  port.on('message', (message: PackedThrown) => {
    take(message);
    fire();
  });
  port.unref();
  return {
    signal,
    dispose() {
      isDisposed = true;
      port.close();
    },
  };
}
