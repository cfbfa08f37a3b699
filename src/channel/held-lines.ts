/** How the lines of `node:readline` are held: none that comes meanwhile is lost. @module */

import { ReadStream } from 'node:fs';
import type { Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { end } from './held-iterable.ts';
import { streamWay } from './held-stream.ts';
import type { Way } from './held-way.ts';

/** Whether `value` is an `Interface` of `node:readline`, which most programs never load. */
export function isLineReader(value: object): value is Interface {
  const { close, on, prompt, line } = value as Partial<Interface>;
  return [close, on, prompt].every((method) => typeof method === 'function') && typeof line === 'string';
}

export function linesWay(reader: Interface): Way {
  // It gives its lines as they are read, to nobody where nobody iterates yet.
  const items = reader[Symbol.asyncIterator]();
  const { input } = reader as { readonly input?: Readable };
  return {
    isPrompt: true,
    listen(fail) {
      reader.on('error', fail);
      // What it reads from may fail after it was closed, and it does not listen any more then.
      input?.on('error', fail);
    },
    open: () => items,
    async close() {
      await end(items);
      reader.close();
      // Of a file nobody can read the rest, since it has read ahead. What else it reads from may go on.
      if (input instanceof ReadStream && !isStandard(input)) await streamWay(input).close(undefined);
    },
  };
}

function isStandard(file: ReadStream): boolean {
  return (file as { readonly fd?: number }).fd === 0;
}
