/** Adapts an interface of `node:readline`, whose lines are buffered from the start, so that none is lost. @module */

import { ReadStream } from 'node:fs';
import type { Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { end } from './iterable.ts';
import { adaptStream } from './stream.ts';
import type { IterableAdapter } from './adapter.ts';

/** Whether `value` is an `Interface` of `node:readline`; checked by its members, to avoid loading the module. */
export function isLineReader(value: object): value is Interface {
  const { close, on, prompt, line } = value as Partial<Interface>;
  return [close, on, prompt].every((method) => typeof method === 'function') && typeof line === 'string';
}

export function adaptLines(reader: Interface): IterableAdapter {
  // The reader emits lines as they are read, so the iterator has to be there before the first one.
  const items = reader[Symbol.asyncIterator]();
  const { input } = reader as { readonly input?: Readable };
  return {
    isPrompt: true,
    listen(fail) {
      reader.on('error', fail);
      // The input may fail after the reader was closed, when the reader no longer listens to it.
      input?.on('error', fail);
    },
    open: () => items,
    async close() {
      await end(items);
      reader.close();
      // The reader has read ahead, so nobody can read the rest of a file: close it. Other inputs stay open for their
      // owner.
      if (input instanceof ReadStream && !isStandard(input)) await adaptStream(input).close(undefined);
    },
  };
}

function isStandard(file: ReadStream): boolean {
  return (file as { readonly fd?: number }).fd === 0;
}
