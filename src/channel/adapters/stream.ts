/** Adapts a stream of Node.js: it may emit `error` before it is read, and is closed by `destroy()`. @module */

import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Promise } from '../../base/intrinsics.ts';
import type { IterableAdapter } from './adapter.ts';

/** The members that the streams of several packages have in common. */
type NodeStream = Pick<Readable, 'destroy' | 'off' | 'on' | 'once'> & AsyncIterable<unknown>;

/** Further members of the streams of Node.js. */
type OwnStream = Partial<Pick<Readable, 'closed' | 'errored'>> & {
  readonly _readableState?: { readonly emitClose?: boolean };
};

/** Whether `value` is a stream of Node.js, or of a package with the same interface. */
export function isNodeStream(value: object): value is NodeStream {
  const { destroy, on, pipe } = value as Partial<Readable>;
  return typeof destroy === 'function' && typeof on === 'function' && typeof pipe === 'function';
}

export function adaptStream(stream: NodeStream): IterableAdapter {
  let fail: (error: unknown) => void;
  return {
    isPrompt: true,
    listen(given) {
      fail = given;
      // The listener stays after `destroy()`: a file that was being opened may still fail.
      stream.on('error', fail);
      const { errored } = stream as OwnStream;
      if (errored) void Promise.resolve(errored).then(fail);
    },
    open: () => stream[Symbol.asyncIterator](),
    async close(items) {
      // Destroying a request that a server received would end its connection, on which the server may still answer.
      if (!items && isServed(stream)) return void stream.off('error', fail);
      // `destroy()` goes first: `return()` alone would wait for a pending `next()`, and may destroy the stream with an
      // error.
      stream.destroy();
      await Promise.all([items?.return?.(), closed(stream)]);
    },
  };
}

function isServed(stream: object): boolean {
  const { httpVersion, method, statusCode } = stream as Partial<IncomingMessage>;
  return typeof httpVersion === 'string' && typeof method === 'string' && typeof statusCode !== 'number';
}

/** Resolves when the destroyed `stream` has emitted `close`; `undefined` if it emits none. */
function closed(stream: NodeStream): Promise<void> | undefined {
  const { closed: isClosed, _readableState: state } = stream as OwnStream;
  if (isClosed !== false || state?.emitClose === false) return undefined;
  return new Promise((resolve) => void stream.once('close', () => resolve()));
}
