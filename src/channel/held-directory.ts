/** Adapts an open `fs.Dir`: an iteration closes the directory when it ends, otherwise `close()` has to. @module */

import { Dir } from 'node:fs';
import { iterableWay } from './held-iterable.ts';
import type { Way } from './held-way.ts';

export function isDirectory(value: object): value is Dir {
  return value instanceof Dir;
}

export function directoryWay(directory: Dir): Way {
  const way = iterableWay(directory);
  return { ...way, close: async (items) => (items ? way.close(items) : closeUnopened(directory)) };
}

async function closeUnopened(directory: Dir): Promise<void> {
  try {
    await directory.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_DIR_CLOSED') throw error;
  }
}
