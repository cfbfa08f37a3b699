/** Adapts an open `fs.Dir`: an iteration closes the directory when it ends, otherwise `close()` has to. @module */

import { Dir } from 'node:fs';
import { adaptIterable } from './iterable.ts';
import type { IterableAdapter } from './adapter.ts';

export function isDirectory(value: object): value is Dir {
  return value instanceof Dir;
}

export function adaptDirectory(directory: Dir): IterableAdapter {
  const adapter = adaptIterable(directory);
  return { ...adapter, close: async (items) => (items ? adapter.close(items) : closeUnopened(directory)) };
}

async function closeUnopened(directory: Dir): Promise<void> {
  try {
    await directory.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_DIR_CLOSED') throw error;
  }
}
