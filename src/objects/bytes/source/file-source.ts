/** A file as the source of a byte stream. @module */

import { watch } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { nothing } from '../mode.ts';
import type { StreamMode } from '../mode.ts';
import type { ByteSource, OpenableSource } from './source.ts';

/** How a file is opened, in the words of `fs.open`. */
export type FileMode = 'a' | 'r' | 'r+' | 'w' | 'w+';

export const fileModes: readonly FileMode[] = ['a', 'r', 'r+', 'w', 'w+'];

/** Opens `path` when a stream is connected, and reads and writes at positions. */
class FileSource implements ByteSource {
  readonly #path: string | URL;
  readonly #mode: FileMode;
  #file: FileHandle | undefined;

  constructor(path: string | URL, mode: FileMode) {
    this.#path = path;
    this.#mode = mode;
  }

  async open(): Promise<void> {
    this.#file = await open(this.#path, this.#mode);
  }

  readonly readInto = async (position: number, memory: Buffer): Promise<number> => {
    const { bytesRead } = await this.#opened.read(memory, 0, memory.length, position);
    return bytesRead;
  };

  async write(position: number, bytes: Uint8Array): Promise<void> {
    const at = this.#mode === 'a' ? null : position;
    for (let done = 0; done < bytes.length;) {
      const from = at === null ? at : at + done;
      const { bytesWritten } = await this.#opened.write(bytes, done, bytes.length - done, from);
      done += bytesWritten;
    }
  }

  async length(): Promise<number> {
    const { size } = await this.#opened.stat();
    return size;
  }

  async truncateAfter(position: number): Promise<void> {
    await this.#opened.truncate(position);
  }

  watch(changed: () => void): () => void {
    try {
      const watcher = watch(this.#path, { persistent: false }, changed);
      // A watch that fails is no loss: the stream looks at the file now and then all the same.
      watcher.on('error', () => undefined);
      return () => watcher.close();
    } catch {
      return () => undefined;
    }
  }

  async close(): Promise<void> {
    await this.#opened.close();
  }

  get #opened(): FileHandle {
    return this.#file as FileHandle;
  }
}

/** The file at `path`, opened in `mode` when a stream is connected. */
export function fileSource(path: string | URL, mode: FileMode): OpenableSource {
  const appends = mode === 'a';
  const writable = mode !== 'r';
  const optional: (keyof StreamMode)[] = ['dataLock', 'startLock', 'endLock', 'endCanIncrease', 'endCanDecrease'];
  if (mode === 'r+' || mode === 'w+') optional.push('readable', 'writable');
  if (writable) optional.push('canMoveEnd');
  if (!appends) optional.push('seekBackward', 'seekForward');
  const source = new FileSource(path, mode);
  return {
    source,
    readInto: source.readInto,
    appends,
    optional: new Set(optional),
    mode: {
      ...nothing,
      readable: mode !== 'w' && !appends,
      writable,
      startBounded: true,
      endBounded: true,
      endCanDecrease: true,
      endCanIncrease: true,
      canMoveEnd: writable,
      seekBackward: !appends,
      seekForward: !appends,
    },
  };
}
