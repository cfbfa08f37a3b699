/** A frame between a caller and a node: what it is, which call it is about, a few facts, and values that are read later. @module */

import { Buffer } from 'node:buffer';
import { OffloopError } from '../../base/errors.ts';
import { fromBytes, toBytes } from '../../codec/bytes/bytes.ts';

/** The format of frames, which a node of another version of it refuses. */
export const format = 3;

/** What frames are. The facts are named behind each. */
export const Op = {
  /**
   * In the queue: format, caller, key of the function, form, whether it is idempotent, its timeout, the size of its items, their
   * closeTimeout, how many lines the caller had given up.
   */
  call: 0,

  /** To a node: the arguments; the reason why a call is given up; that a call is not wanted any more. */
  args: 1,
  abort: 2,
  forget: 3,

  /** To a caller: the node has the call; what it returned or threw, with how long it ran; whether it may run the call. */
  started: 4,
  returned: 5,
  threw: 6,
  may: 7,

  /** A function among the arguments is called: number of the reply, number of the function; the reply: number, whether it returned. */
  invoke: 8,
  reply: 9,

  /** Items of a stream: its number; its end: number, whether it returned; so many more are wanted; none is wanted any more. */
  items: 10,
  end: 11,
  ask: 12,
  close: 13,

  /** A value, or an error, for the generator's `yield`: number of the stream, whether it is a value. */
  give: 14,

  /** A signal among the arguments is aborted: its number. */
  signal: 15,

  /** To a node that has asked: it may run the call; another node has it. */
  grant: 16,
  leave: 17,
} as const;

export interface Frame {
  readonly op: number;

  /** The number of the call, among those of its caller. */
  readonly call: number;
  readonly facts: readonly unknown[];
  readonly body: Uint8Array;
}

const nothing = new Uint8Array(0);
const lengthSize = 4;

/** The bytes of a frame. */
export function encodeFrame(op: number, call: number, facts: readonly unknown[], body: Uint8Array = nothing): Buffer {
  const head = toBytes([op, call, ...facts]);
  const bytes = Buffer.allocUnsafe(lengthSize + head.length + body.length);
  bytes.writeUInt32BE(head.length, 0);
  bytes.set(head, lengthSize);
  bytes.set(body, lengthSize + head.length);
  return bytes;
}

/** @throws {OffloopError} `ERR_OFFLOOP_BYTES` if the bytes are no frame. */
export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.length < lengthSize) throw malformed();
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0);
  if (length > bytes.length - lengthSize) throw malformed();
  const head = fromBytes(bytes.subarray(lengthSize, lengthSize + length), { untrusted: true });
  if (!Array.isArray(head) || head.length < 2) throw malformed();
  const [op, call, ...facts] = head as unknown[];
  if (typeof op !== 'number' || typeof call !== 'number') throw malformed();
  return { op, call, facts, body: bytes.subarray(lengthSize + length) };
}

/** The number at `index` of the facts. */
export function numberOf({ facts }: Frame, index: number): number {
  const value = facts[index];
  if (typeof value !== 'number' || Number.isNaN(value)) throw malformed();
  return value;
}

/** The text at `index` of the facts. */
export function textOf({ facts }: Frame, index: number): string {
  const value = facts[index];
  if (typeof value !== 'string') throw malformed();
  return value;
}

export function malformed(): OffloopError {
  return new OffloopError('ERR_OFFLOOP_BYTES', 'Cannot read a frame: it is not of this format');
}
