/**
 * Converts values to bytes and back, for channels, stores and networks. The bytes of any value that can be copied to
 * another thread give the same value in every process with this version of the library or a later one. @module
 */

import { OffloopError } from '../../base/errors.ts';
import type { ResolveClass } from '../errors/classes.ts';
import type { Hole } from '../walk/hole.ts';
import { pack } from '../walk/pack.ts';
import { unpack } from '../walk/unpack.ts';
import type { OutgoingScope } from '../outgoing.ts';
import { checkedHoles } from './check-holes.ts';
import type { HoleLimits } from './check-holes.ts';
import { ByteReader } from './reader.ts';
import { version } from './tags.ts';
import { ByteWriter, UNPACKED } from './writer.ts';

/** The second byte: whether a list of holes follows the value. */
const Content = { plain: 0, packed: 1 } as const;

/** Options of {@link toBytes}. */
export interface ToBytesOptions {
  /** The name of the value in error messages. @defaultValue `'value'` */
  readonly root?: string;

  /** As `exportLive` of an outgoing scope: for a connection that has a counterpart of the value on its other side. */
  readonly exportLive?: ExportLive;
}

type ExportLive = NonNullable<OutgoingScope['exportLive']>;

/** Options of {@link fromBytes}. */
export interface FromBytesOptions {
  /** Finds the classes of errors that are not registered. */
  readonly resolveClass?: ResolveClass;

  /** Makes the counterpart of an `exportLive` on the other side. Without it, bytes that need one are refused. */
  readonly importLive?: (payload: object) => unknown;

  /**
   * Whether the bytes may come from anybody. Then nothing is revived that stands for something of this process, an
   * instance of a class with `[fromThread]` is made by that alone, and whatever fails, also a `[fromThread]`, fails
   * with `ERR_OFFLOOP_BYTES`. @defaultValue `false`
   */
  readonly untrusted?: boolean;
}

/**
 * Converts `value`, as it is now, to bytes. Identity and cycles are kept, and so are instances of classes registered
 * with `sendable`, errors, maps, sets, dates, regular expressions, memory and views of memory. Getters are read, some
 * of them twice.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE`, naming the path of a value that cannot become bytes: a function,
 * a symbol, a signal, an iterable, shared memory, or any other object bound to its process.
 * @throws What a getter or a `[toThread]` method throws.
 */
export function toBytes(value: unknown, { root = 'value', exportLive }: ToBytesOptions = {}): Uint8Array<ArrayBuffer> {
  const plain = writePlain(value, finish);
  if (plain) return plain;
  const { values, holes = [] } = pack(
    [value],
    exportLive ? { root, asBytes: true, exportLive } : { root, asBytes: true },
  );
  try {
    const writer = begin(Content.packed, { packed: true });
    // The values are written first: the container of the first hole may be the list of values itself.
    writer.write(values);
    writer.write(holes);
    return writer.finish();
  } catch (error) {
    if (error !== UNPACKED && !isOverflow(error)) throw error;
    const why = error === UNPACKED ? 'part of it does not become bytes' : 'it is nested too deeply';
    const options = error === UNPACKED ? {} : { cause: error };
    throw new OffloopError('ERR_OFFLOOP_NOT_CLONEABLE', `Cannot send ${root} as bytes: ${why}`, options);
  }
}

/**
 * Gives the value that {@link toBytes} was given. Bytes never bring code along: an instance is revived only if this
 * process has registered its class, by the `[fromThread]` method that the class has here; otherwise its data arrives.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BYTES` if the bytes are of another version, cut off or not of this format.
 * @throws What a `[fromThread]` method throws.
 */
export function fromBytes(bytes: Uint8Array, options: FromBytesOptions = {}): unknown {
  return fromBytesAt(bytes, 0, options);
}

/** As {@link fromBytes}, of the bytes from `at` on. */
export function fromBytesAt(bytes: Uint8Array, at: number, options: FromBytesOptions): unknown {
  const { untrusted = false, importLive } = options;
  const [first, holes] = read(bytes, at, { live: importLive !== undefined, untrusted });
  if (!holes) return first;
  try {
    return unpack(first as unknown[], holes, options)[0];
  } catch (error) {
    if (isOverflow(error)) throw refused('they are nested too deeply', error);
    throw untrusted ? refused('a part of them cannot be revived', error) : error;
  }
}

/** As {@link toBytes}; the bytes are valid until the next value becomes bytes in this thread. */
export function toLentBytes(value: unknown): Uint8Array {
  return plainLentBytes(value) ?? toBytes(value);
}

/** As {@link toLentBytes}, of a value that needs no packing; `undefined` for any other. */
export function plainLentBytes(value: unknown): Uint8Array | undefined {
  return writePlain(value, finishLent);
}

const finishLent = (writer: ByteWriter): Uint8Array => writer.finishLent();
const finish = (writer: ByteWriter): Uint8Array<ArrayBuffer> => writer.finish();

/** The bytes of a value that needs no packing, as most values; `undefined` for any other. */
function writePlain<B>(value: unknown, end: (writer: ByteWriter) => B): B | undefined {
  const writer = begin(Content.plain, { packed: false });
  try {
    writer.write(value);
    return end(writer);
  } catch (error) {
    // For a value that is nested too deeply, the complete walk throws an error with the path.
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

function read(bytes: Uint8Array, at: number, limits: HoleLimits): [first: unknown, holes: readonly Hole[] | undefined] {
  const format = bytes[at];
  const content = bytes[at + 1];
  if (format !== version)
    throw refused(format === undefined ? 'they are empty' : `their format has version ${format}, not ${version}`);
  if (content !== Content.plain && content !== Content.packed) throw refused('they are not of this format');
  const reader = new ByteReader(bytes, at + 2);
  try {
    const first = reader.read();
    const holes = content === Content.packed ? checkedHoles(first, reader.read(), limits) : undefined;
    if (!reader.done) throw new RangeError('more bytes follow the value');
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
