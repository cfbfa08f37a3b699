/** Listens to the messages of a port. @module */

import type { MessagePort } from 'node:worker_threads';

/** Receives the messages of a port. */
interface MessageListener {
  readonly receive: (message: unknown[]) => void;

  /** Called when a message arrived that could not be read. */
  readonly unreadable: (error: unknown) => void;
}

/** The method of a port that Node.js calls with each message, to make an event of it and to call the listeners. */
const dispatching = Symbol.for('nodejs.internal.kHybridDispatch');

type Dispatch = (this: object, data: unknown, type: string, event: unknown) => unknown;

/**
 * Passes the messages of `port` to `listener`. That takes no event where Node.js lets the port itself take each message: an
 * event takes ten functions, which is a good part of a call that comes alone. Elsewhere the listeners are called, which
 * are there in any case.
 */
export function listenTo(port: MessagePort, { receive, unreadable }: MessageListener): void {
  port.on('message', receive);
  port.on('messageerror', unreadable);
  const own = port as unknown as Record<symbol, unknown>;
  const dispatch = own[dispatching] as Dispatch | undefined;
  if (typeof dispatch !== 'function') return;
  own[dispatching] = (data: unknown, type: string, event: unknown): unknown => {
    if (type === 'message' && event === undefined) return receive(data as unknown[]);
    return dispatch.call(port, data, type, event);
  };
}
