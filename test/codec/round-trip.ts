/** Sends values through a real message port and gives what arrives, as a call or its answer does. @module */

import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { Transferable } from 'node:worker_threads';
import { packThrown, unpackThrown } from '../../src/codec/errors/codec.ts';
import type { PackedThrown } from '../../src/codec/errors/codec.ts';
import type { Hole } from '../../src/codec/walk/hole.ts';
import { look, LARGE, SPECIAL } from '../../src/codec/quick/look.ts';
import { pack } from '../../src/codec/walk/pack.ts';
import type { OutgoingScope } from '../../src/codec/walk/pack.ts';
import { unpack } from '../../src/codec/walk/unpack.ts';
import type { IncomingScope } from '../../src/codec/walk/unpack.ts';

export interface TripOptions extends Partial<OutgoingScope>, IncomingScope {}

/** `values` as they arrive after the complete walk. */
export function roundTrip<T extends unknown[]>(values: T, options: TripOptions = {}): T {
  const packed = pack(values, { root: 'args', ...options });
  return receive(packed.values, packed.holes, packed.transfer, options) as T;
}

/** One value as it arrives after the complete walk. */
export function sent<T>(value: T, options: TripOptions = {}): T {
  return roundTrip([value], options)[0] as T;
}

/** One value as it arrives in the form that the look chooses. */
export function sentByLook<T>(value: T): T {
  const seen = look([value]);
  if (seen === SPECIAL) return sent(value);
  return receive(seen === LARGE ? [value] : seen, undefined, [], {})[0] as T;
}

/** A thrown value as it arrives. */
export function thrown(value: unknown, scope: IncomingScope = {}): unknown {
  return unpackThrown(post(packThrown(value), []) as PackedThrown, scope);
}

function receive(
  values: unknown[],
  holes: Hole[] | undefined,
  transfer: readonly Transferable[],
  scope: IncomingScope,
): unknown[] {
  const [arrived, arrivedHoles] = post([values, holes], transfer) as [unknown[], Hole[] | undefined];
  return arrivedHoles ? unpack(arrived, arrivedHoles, scope) : arrived;
}

function post(message: unknown, transfer: readonly Transferable[]): unknown {
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(message, transfer);
    return (receiveMessageOnPort(port2) as { message: unknown }).message;
  } finally {
    port1.close();
  }
}

/** The error that `action` throws. */
export function failure(action: () => unknown): Error & { code?: string } {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown');
}
