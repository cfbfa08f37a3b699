/** The frames that two links exchange, as bytes. @module */

import { OffloopError } from '../../../base/errors.ts';

/** The first byte of a frame. */
export const Kind = {
  /** The first frame of each side: its {@link Hello}. */
  hello: 1,

  /** Asks for a call; answered with `result` or `failure`, unless its id is 0. The body is the list of arguments. */
  call: 2,

  /** Asks for the value of a field or a getter; answered as a call. */
  read: 3,
  result: 4,
  failure: 5,

  /** Gives up the call `id`; the body is the reason. */
  cancel: 6,

  /** Says that `target` was forgotten `id` times: it arrived so often. */
  drop: 7,
  ping: 8,
  pong: 9,

  /** Says that the link was closed, and nothing follows. */
  bye: 10,

  /** Bytes of a byte stream for the function `target`: the body, as it is. `id` is their context. */
  bytes: 11,

  /** The same, of bytes that could not be read before the other side let more of them be read. */
  heldBytes: 12,
} as const;

export type KindCode = (typeof Kind)[keyof typeof Kind];

/** A frame that was read; the body is not read yet. */
export interface Frame {
  readonly kind: number;
  readonly id: number;

  /** The object that is meant, and its member, of a call and a read; the object, of a drop. */
  readonly target: number;
  readonly name: string;
  readonly body: Uint8Array;
}

/** The kind and the id. */
const head = 5;

/** Those, the target and the length of the name. */
const longHead = 11;

/** The most bytes of a name. */
const mostName = 1024;

const empty = new Uint8Array(0);

/** Makes a frame without a target. */
export function frameOf(kind: KindCode, id: number, body: Uint8Array = empty): Uint8Array {
  const frame = Buffer.allocUnsafe(head + body.length);
  frame[0] = kind;
  frame.writeUInt32LE(id, 1);
  frame.set(body, head);
  return frame;
}

/** Makes a frame with a target. */
export function targetFrame(
  kind: KindCode,
  id: number,
  target: number,
  name: string = '',
  body: Uint8Array = empty,
): Uint8Array {
  const size = Buffer.byteLength(name);
  if (size > mostName)
    throw new OffloopError('ERR_OFFLOOP_NOT_FOUND', `Cannot reach a member of a peer: its name has ${size} bytes`);
  const frame = Buffer.allocUnsafe(longHead + size + body.length);
  frame[0] = kind;
  frame.writeUInt32LE(id, 1);
  frame.writeUInt32LE(target, 5);
  frame.writeUInt16LE(size, 9);
  frame.write(name, longHead);
  frame.set(body, longHead + size);
  return frame;
}

const kindsWithTarget: ReadonlySet<number> = new Set([Kind.call, Kind.read, Kind.drop, Kind.bytes, Kind.heldBytes]);

/** How many bytes in front of a chunk make it a frame: see {@link bytesFrame}. */
export const headOfBytes: number = longHead;

/** Makes a frame of `bytes` and the {@link headOfBytes} bytes in front of them. */
export function bytesFrame(kind: KindCode, bytes: Uint8Array, target: number, context: number): Uint8Array {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset - longHead, longHead + bytes.length);
  frame[0] = kind;
  frame.writeUInt32LE(context, 1);
  frame.writeUInt32LE(target, 5);
  frame.writeUInt16LE(0, 9);
  return frame;
}

/**
 * Reads a frame.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BYTES` if it is none.
 */
export function readFrame(bytes: Uint8Array): Frame {
  const { length } = bytes;
  const [kind = 0] = bytes;
  if (length < head || kind < Kind.hello || kind > Kind.heldBytes) throw malformed();
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, length);
  const id = buffer.readUInt32LE(1);
  if (!kindsWithTarget.has(kind)) return { kind, id, target: 0, name: '', body: buffer.subarray(head) };
  if (length < longHead) throw malformed();
  const size = buffer.readUInt16LE(9);
  if (size > mostName || longHead + size > length) throw malformed();
  const name = buffer.toString('utf8', longHead, longHead + size);
  return { kind, id, target: buffer.readUInt32LE(5), name, body: buffer.subarray(longHead + size) };
}

export function malformed(): OffloopError {
  return new OffloopError('ERR_OFFLOOP_BYTES', 'Cannot read a message of a link: it is malformed');
}
