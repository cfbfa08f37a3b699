/** The frames that two links exchange, as bytes. @module */

import { OffloopError } from '../../../base/errors.ts';
import { mostName, nameAt, nameBytes } from './names.ts';

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

  /** The memory of the frame, and where its body begins. */
  readonly bytes: Uint8Array;
  readonly at: number;
}

/** The kind and the id. */
const head = 5;

/** Those, the target and the length of the name. */
const longHead = 11;

const empty = new Uint8Array(0);

/** Makes a frame without a target. */
export function frameOf(kind: KindCode, id: number, body: Uint8Array = empty): Uint8Array {
  const frame = Buffer.allocUnsafe(head + body.length);
  frame[0] = kind;
  frame[1] = id;
  frame[2] = id >>> 8;
  frame[3] = id >>> 16;
  frame[4] = id >>> 24;
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
  const named = nameBytes(name);
  const size = named.length;
  const frame = Buffer.allocUnsafe(longHead + size + body.length);
  writeHead(frame, kind, id, target, size);
  if (size > 0) frame.set(named, longHead);
  frame.set(body, longHead + size);
  return frame;
}

/** How many bytes in front of a chunk make it a frame: see {@link bytesFrame}. */
export const headOfBytes: number = longHead;

/** Makes a frame of `bytes` and the {@link headOfBytes} bytes in front of them. */
export function bytesFrame(kind: KindCode, bytes: Uint8Array, target: number, context: number): Uint8Array {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset - longHead, longHead + bytes.length);
  writeHead(frame, kind, context, target, 0);
  return frame;
}

/** Number by number: the methods of `Buffer` for this check a lot each time, and a function for it costs as much as it does. */
function writeHead(frame: Uint8Array, kind: KindCode, id: number, target: number, size: number): void {
  frame[0] = kind;
  frame[1] = id;
  frame[2] = id >>> 8;
  frame[3] = id >>> 16;
  frame[4] = id >>> 24;
  frame[5] = target;
  frame[6] = target >>> 8;
  frame[7] = target >>> 16;
  frame[8] = target >>> 24;
  frame[9] = size;
  frame[10] = size >>> 8;
}

/**
 * Reads a frame.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BYTES` if it is none.
 */
export function readFrame(bytes: Uint8Array): Frame {
  const { length } = bytes;
  const kind = bytes[0] as number;
  if (length < head || kind < Kind.hello || kind > Kind.heldBytes) throw malformed();
  const id =
    ((bytes[1] as number) |
      ((bytes[2] as number) << 8) |
      ((bytes[3] as number) << 16) |
      ((bytes[4] as number) << 24)) >>>
    0;
  const hasTarget = kind === Kind.call || kind === Kind.read || kind === Kind.drop || kind >= Kind.bytes;
  if (!hasTarget) return { kind, id, target: 0, name: '', bytes, at: head };
  if (length < longHead) throw malformed();
  const target =
    ((bytes[5] as number) |
      ((bytes[6] as number) << 8) |
      ((bytes[7] as number) << 16) |
      ((bytes[8] as number) << 24)) >>>
    0;
  const size = (bytes[9] as number) + (bytes[10] as number) * 0x100;
  if (size > mostName || longHead + size > length) throw malformed();
  const name = size === 0 ? '' : nameAt(bytes, longHead, longHead + size);
  return { kind, id, target, name, bytes, at: longHead + size };
}

/** The body of a frame. */
export function bodyOf({ bytes, at }: Frame): Uint8Array {
  return bytes.subarray(at);
}

export function malformed(): OffloopError {
  return new OffloopError('ERR_OFFLOOP_BYTES', 'Cannot read a message of a link: it is malformed');
}
