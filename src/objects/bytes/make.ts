/** Makes the handle of a file, of bytes, or of a source that the program defines. @module */

import { URL } from 'node:url';
import { argumentError } from '../../base/errors.ts';
import { count, oneOf, ownOptions } from '../../base/options.ts';
import type { Check } from '../../base/options.ts';

import { hostOf } from './byte-streamer.ts';
import type { ByteStreamer } from './byte-streamer.ts';
import { assertConsistent, flags as names } from './mode.ts';
import type { StreamMode } from './mode.ts';
import { fileModes, fileSource } from './source/file-source.ts';
import type { FileMode } from './source/file-source.ts';
import { memoryModes, memorySource } from './source/memory-source.ts';
import type { ByteSource, OpenableSource } from './source/source.ts';
import { userSource } from './source/user-source.ts';

/** Options of {@link byteStream}. */
export interface ByteStreamOptions {
  /**
   * How a file is opened, in the words of `fs.open`: `'r'`, `'r+'`, `'w'`, `'w+'` or `'a'`. Bytes take `'r'`, and `'r+'` for a
   * copy of them that can be written and grows. A source that the program defines takes none. @defaultValue `'r'`
   */
  mode?: FileMode | undefined;

  /** Flags that are to differ from what `mode` gives, as far as the source can do that. @defaultValue `{}` */
  flags?: Partial<StreamMode> | undefined;

  /** How many bytes may be written ahead of the source; a whole number from 1. @defaultValue `1048576` */
  window?: number | undefined;
}

const flagsCheck: Check = (value) => (typeof value === 'object' && value !== null ? undefined : 'an object of flags');
const checks: Readonly<Record<keyof ByteStreamOptions, Check>> = {
  mode: oneOf(...fileModes),
  flags: flagsCheck,
  window: count(1),
};

const usualWindow = 1024 * 1024;

/**
 * Makes the handle of a source: of the file at a path or `file:` URL, of bytes, or of a {@link ByteSource}. Nothing is
 * opened before a stream is connected.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if the source or an option is wrong, if the flags contradict each other, or the
 *   source cannot do what they say.
 *
 * @example
 * ```ts
 * const streamer = byteStream('numbers.bin', { mode: 'r+', flags: { seekBackward: false } });
 * await using stream = await streamer.connect();
 * ```
 */
export function byteStream(
  source: string | URL | Uint8Array | ArrayBuffer | ByteSource,
  options: ByteStreamOptions = {},
): ByteStreamer {
  const { mode, flags = {}, window = usualWindow } = ownOptions('byteStream', options, checks);
  const from = sourceOf(source, mode);
  const changed = { ...from.mode };
  change(changed, from, from.source.mode);
  change(changed, from, flags);
  return hostOf({ ...from, mode: assertConsistent(changed) }, window);
}

function sourceOf(source: unknown, mode: FileMode | undefined): OpenableSource {
  if (typeof source === 'string' || source instanceof URL) return fileSource(source, mode ?? 'r');
  if (typeof source !== 'object' || source === null)
    throw argumentError(
      `Cannot make a byte stream: expected a path, bytes or a source, received ${source === null ? 'null' : typeof source}`,
    );
  const bytes = source instanceof ArrayBuffer ? new Uint8Array(source) : source;
  if (bytes instanceof Uint8Array) {
    const words = oneOf(...memoryModes)(mode ?? 'r');
    if (words) throw argumentError(`Cannot use the option mode of byteStream with bytes: expected ${words}`);
    return memorySource(bytes, mode === 'r+' ? 'r+' : 'r');
  }
  if (mode !== undefined)
    throw argumentError(
      'Cannot use the option mode of byteStream with a source of the program: it has flags of its own',
    );
  return userSource(bytes);
}

/** Sets those flags that differ. */
function change(mode: Record<keyof StreamMode, boolean>, from: OpenableSource, to: Partial<StreamMode> = {}): void {
  for (const [name, value] of Object.entries(to) as [keyof StreamMode, unknown][]) {
    if (value === undefined) continue;
    if (!names.includes(name)) throw argumentError(`Cannot use the mode of a byte stream: there is no flag "${name}"`);
    if (typeof value !== 'boolean')
      throw argumentError(`Cannot use the flag ${name} of a byte stream: expected a boolean, received ${typeof value}`);
    if (value !== mode[name] && !from.optional.has(name))
      throw argumentError(`Cannot use the flag ${name} of a byte stream: its source makes it ${mode[name]}`);
    mode[name] = value;
  }
}
