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

  /**
   * To a caller: the node has the call; what it returned or threw, with how long it ran; whether it may run the call: whether it
   * has begun it before, whether no other node can have had it.
   */
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

/**
 * What the frame is, its call, and how many bytes the facts have. Few numbers, as most frames have, are eight bytes each;
 * facts of any other kind are a list of values, whose length has the highest bit set.
 */
const headSize = 13;
const numberSize = 8;
const mostNumbers = 3;
const isList = 2 ** 31;

/** The bytes of a frame. */
export function encodeFrame(op: number, call: number, facts: readonly unknown[], body: Uint8Array = nothing): Buffer {
  const list = areNumbers(facts) ? undefined : toBytes(facts);
  const length = list?.length ?? facts.length * numberSize;
  const bytes = Buffer.allocUnsafe(headSize + length + body.length);
  bytes.writeUInt8(op, 0);
  bytes.writeDoubleBE(call, 1);
  bytes.writeUInt32BE(list ? isList + length : length, 9);
  if (list) bytes.set(list, headSize);
  else for (let i = 0; i < facts.length; i += 1) bytes.writeDoubleBE(facts[i] as number, headSize + i * numberSize);
  bytes.set(body, headSize + length);
  return bytes;
}

/** @throws {OffloopError} `ERR_OFFLOOP_BYTES` if the bytes are no frame. */
export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.length < headSize) throw malformed();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const given = view.getUint32(9);
  const length = given % isList;
  if (length > bytes.length - headSize) throw malformed();
  const facts = given < isList ? numbersIn(view, length) : listIn(bytes.subarray(headSize, headSize + length));
  return { op: view.getUint8(0), call: view.getFloat64(1), facts, body: bytes.subarray(headSize + length) };
}

function areNumbers(facts: readonly unknown[]): boolean {
  return facts.length <= mostNumbers && facts.every((it) => typeof it === 'number');
}

function numbersIn(view: DataView, length: number): number[] {
  if (length % numberSize !== 0 || length > mostNumbers * numberSize) throw malformed();
  const facts: number[] = [];
  for (let at = 0; at < length; at += numberSize) facts.push(view.getFloat64(headSize + at));
  return facts;
}

function listIn(bytes: Uint8Array): unknown[] {
  const facts = fromBytes(bytes, { untrusted: true });
  if (!Array.isArray(facts)) throw malformed();
  return facts as unknown[];
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
