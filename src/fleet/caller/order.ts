/** What goes into the queue for a call. @module */

import type { Definition, ModuleRecord } from '../../address/registry.ts';
import { addressOf } from '../../address/find/address-of.ts';
import type { Call } from '../../call/call.ts';
import { codeOf } from '../code/code.ts';
import type { Code } from '../code/code.ts';
import { encodeValue } from '../values/bodies.ts';
import { encodeFrame, format, Op } from '../values/frame.ts';

/** What an order says of its caller, and the limits of the server. */
export interface OrderFacts {
  readonly caller: string;
  readonly number: number;

  /** How many lines the caller has given up. */
  readonly losses: number;

  /** The most bytes of a message. */
  readonly limit: number;
}

/** The part of a message that is left for what is not the body. */
const headRoom = 4096;

const codes = new WeakMap<ModuleRecord, Code>();
const keys = new WeakMap<Definition, Uint8Array>();

/**
 * The code that `call` needs at a node.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NO_MODULE` if its module is no file that can be read.
 */
export function codeFor({ definition }: Call): Code {
  const record = definition.record as ModuleRecord;
  const known = codes.get(record);
  if (known) return known;
  const code = codeOf(record.url);
  codes.set(record, code);
  return code;
}

/** The bytes for the queue. A plain call has its arguments in them; any other one is asked for them once a node has it. */
export function orderOf(
  call: Call,
  body: Uint8Array | undefined,
  { caller, number, losses, limit }: OrderFacts,
): { readonly bytes: Uint8Array; readonly isPlain: boolean } {
  const { timeout, idempotent = false } = call.plan;
  const isPlain = body !== undefined && body.length < limit - headRoom;
  const [maxSize, closeTimeout = Infinity] = [call.stream?.offer.maxSize, call.stream?.closeTimeout];
  const facts = [format, caller, keyOf(call), isPlain, idempotent, timeout, maxSize, closeTimeout, losses];
  return { bytes: encodeFrame(Op.call, number, facts, isPlain ? body : undefined), isPlain };
}

/** What tells the function from all others of its module. */
function keyOf({ definition }: Call): Uint8Array {
  const known = keys.get(definition);
  if (known) return known;
  const { index, name, signature, hash, signatures, top, twins, at } = addressOf(definition);
  const key = encodeValue({ index, name, signature, hash, signatures, top, twins, at }, { root: 'the function' });
  keys.set(definition, key);
  return key;
}
