/**
 * Values as bytes, for channels, stores and networks: whatever can cross a thread as a copy becomes bytes, and the bytes
 * become the same value in any process that runs this version of the library or a later one. @module
 */

import { OffloopError } from '../../base/errors.ts';
import type { ResolveClass } from '../error-classes.ts';
import type { Hole } from '../hole.ts';
import { pack } from '../pack.ts';
import { unpack } from '../unpack.ts';
import { checkedHoles } from './check-holes.ts';
import { ByteReader } from './reader.ts';
import { version } from './tags.ts';
import { ByteWriter, UNPACKED } from './writer.ts';

/** What the second byte says: whether a list of holes follows the value. */
const Content = { plain: 0, packed: 1 } as const;

/** Options of {@link toBytes}. */
export interface ToBytesOptions {
  /** What messages of errors call the value. @defaultValue `'value'` */
  readonly root?: string;
}

/** Options of {@link fromBytes}. */
export interface FromBytesOptions {
  /** Finds the classes of errors that are not registered. */
  readonly resolveClass?: ResolveClass;
}

/**
 * Takes `value` as it is now. Identity and cycles are kept, and so are instances of classes that `sendable` registered,
 * errors, maps, sets, dates, regular expressions, memory and views of it. Getters are read, some of them twice.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE`, naming the path of what does not become bytes: functions, symbols,
 * signals, iterables, shared memory and whatever else belongs to its process.
 * @throws What a getter or a `[toThread]` method throws.
 */
export function toBytes(value: unknown, { root = 'value' }: ToBytesOptions = {}): Uint8Array<ArrayBuffer> {
  const plain = writePlain(value);
  if (plain) return plain;
  const { values, holes = [] } = pack([value], { root, asBytes: true });
  try {
    const writer = begin(Content.packed, { packed: true });
    // The first hole may be in the list of values itself.
    writer.write(values);
    writer.write(holes);
    return writer.finish();
  } catch (error) {
    const why = error === UNPACKED ? 'part of it does not become bytes' : 'it is nested too deeply';
    throw new OffloopError('ERR_OFFLOOP_NOT_CLONEABLE', `Cannot send ${root} as bytes: ${why}`, { cause: error });
  }
}

/**
 * Gives the value that {@link toBytes} was given. No code comes with bytes: a class is revived only where this process
 * registered it, by the `[fromThread]` method that it has here; elsewhere its data arrives.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BYTES` if the bytes are of a later version, cut off or not of this format.
 * @throws What a `[fromThread]` method throws.
 */
export function fromBytes(bytes: Uint8Array, { resolveClass }: FromBytesOptions = {}): unknown {
  const [first, holes] = read(bytes);
  if (!holes) return first;
  try {
    return unpack(first as unknown[], holes, resolveClass ? { resolveClass } : {})[0];
  } catch (error) {
    throw isOverflow(error) ? refused('they are nested too deeply', error) : error;
  }
}

/** What needs no packing, which most values do not; `undefined` for the rest. */
function writePlain(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  const writer = begin(Content.plain, { packed: false });
  try {
    writer.write(value);
    return writer.finish();
  } catch (error) {
    // What is nested too deeply has a path, which the complete walk tells.
    if (error === UNPACKED || isOverflow(error)) return undefined;
    throw error;
  }
}

function begin(content: number, options: { packed: boolean }): ByteWriter {
  const writer = new ByteWriter(options);
  writer.byte(version);
  writer.byte(content);
  return writer;
}

function read(bytes: Uint8Array): [first: unknown, holes: readonly Hole[] | undefined] {
  const [format, content] = bytes;
  if (format !== version)
    throw refused(format === undefined ? 'there are none' : `their version is ${format}, not ${version}`);
  if (content !== Content.plain && content !== Content.packed) throw refused('they are not of this format');
  const reader = new ByteReader(bytes, 2);
  try {
    const first = reader.read();
    const holes = content === Content.packed ? checkedHoles(first, reader.read()) : undefined;
    if (!reader.done) throw new RangeError('more follows');
    return [first, holes];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refused(isOverflow(error) ? 'they are nested too deeply' : error.message, error);
  }
}

const isOverflow = (error: unknown): boolean => error instanceof RangeError && /call stack/.test(error.message);

function refused(why: string, cause?: unknown): OffloopError {
  return new OffloopError(
    'ERR_OFFLOOP_BYTES',
    `Cannot read a value from bytes: ${why}`,
    cause === undefined ? {} : { cause },
  );
}
