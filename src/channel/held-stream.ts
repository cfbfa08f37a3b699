/** How a stream of Node.js is held: it fails by an event, asked or not, and is closed by `destroy()`. @module */

import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Promise } from '../base/intrinsics.ts';
import type { Way } from './held-way.ts';

/** What streams of several packages have in common. */
type NodeStream = Pick<Readable, 'destroy' | 'off' | 'on' | 'once'> & AsyncIterable<unknown>;

/** What those of Node.js have beside it. */
type OwnStream = Partial<Pick<Readable, 'closed' | 'errored'>> & {
  readonly _readableState?: { readonly emitClose?: boolean };
};

/** Whether `value` is a stream of Node.js, or of a package that makes the same. */
export function isNodeStream(value: object): value is NodeStream {
  const { destroy, on, pipe } = value as Partial<Readable>;
  return typeof destroy === 'function' && typeof on === 'function' && typeof pipe === 'function';
}

export function streamWay(stream: NodeStream): Way {
  let fail: (error: unknown) => void;
  return {
    isPrompt: true,
    listen(given) {
      fail = given;
      // It stays when the stream was destroyed: a file that was being opened may still fail.
      stream.on('error', fail);
      const { errored } = stream as OwnStream;
      if (errored) void Promise.resolve(errored).then(fail);
    },
    open: () => stream[Symbol.asyncIterator](),
    async close(items) {
      // A request that a server has received is part of its connection: it may still be answered.
      if (!items && isServed(stream)) return void stream.off('error', fail);
      // First: `return()` alone would wait for an item that is awaited, and may destroy the stream with an error.
      stream.destroy();
      await Promise.all([items?.return?.(), closed(stream)]);
    },
  };
}

function isServed(stream: object): boolean {
  const { httpVersion, method, statusCode } = stream as Partial<IncomingMessage>;
  return typeof httpVersion === 'string' && typeof method === 'string' && typeof statusCode !== 'number';
}

/** Resolves when `stream`, which was destroyed, has closed, if it is one that tells. */
function closed(stream: NodeStream): Promise<void> | undefined {
  const { closed: isClosed, _readableState: state } = stream as OwnStream;
  if (isClosed !== false || state?.emitClose === false) return undefined;
  return new Promise((resolve) => void stream.once('close', () => resolve()));
}
