/** Fills the holes of values that have arrived. @module */

import type { ErrorPayload } from './error-payload.ts';
import { errorShell, fillError } from './error-revival.ts';
import type { ResolveClass } from './error-revival.ts';
import type { Hole, HoleKind } from './hole.ts';
import { assign } from './pack.ts';
import { fromThread, sendableNamed } from './sendable.ts';
import type { SignalTicket } from './signals.ts';

/** What the receiver makes of things that stay on the other side. */
export interface IncomingScope {
  importFunction?(id: number): Function;
  importSignal?(ticket: SignalTicket): AbortSignal;
  readonly resolveClass?: ResolveClass;
}

/**
 * Puts into `values` what the holes say, in place, and gives them back. Shells come first and are filled when all are
 * in their places, so that cycles close; a class's `[fromThread]` gets its data as complete as a cycle allows.
 */
export function unpack(values: unknown[], holes: readonly Hole[], scope: IncomingScope): unknown[] {
  const revived = new Map<unknown, unknown>();
  for (const [container, key, kind, payload] of holes) {
    if (key !== undefined) assign(container, key, revive(kind, payload, scope, revived));
  }
  for (const [payload, shell] of revived) {
    if (shell instanceof Error) fillError(shell, payload as ErrorPayload);
    else if (isInstancePayload(payload) && !payload.made) assignFields(shell as object, payload.data as object);
  }
  for (const [container, , kind, payload] of holes) {
    if (kind === 'map') fillMap(container as Map<unknown, unknown>, payload as unknown[]);
    else if (kind === 'set') for (const item of payload as unknown[]) (container as Set<unknown>).add(item);
  }
  return values;
}

interface InstancePayload {
  readonly name: string;
  readonly data: unknown;
  readonly made?: boolean;
}

function isInstancePayload(payload: unknown): payload is InstancePayload {
  return typeof payload === 'object' && payload !== null && 'data' in payload && !('types' in payload);
}

/** The same payload is the same object on the other side, and so it is here. */
function revive(kind: HoleKind, payload: unknown, scope: IncomingScope, revived: Map<unknown, unknown>): unknown {
  if (typeof payload !== 'object') return make(kind, payload, scope);
  if (!revived.has(payload)) revived.set(payload, make(kind, payload, scope));
  return revived.get(payload);
}

function make(kind: HoleKind, payload: unknown, scope: IncomingScope): unknown {
  switch (kind) {
    case 'buffer': {
      const { buffer, byteOffset, byteLength } = payload as Uint8Array;
      return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
    }
    case 'error':
      return errorShell(payload as ErrorPayload, scope.resolveClass);
    case 'function':
      return scope.importFunction?.(payload as number);
    case 'instance':
      return makeInstance(payload as InstancePayload);
    case 'params':
      return new URLSearchParams(payload as string);
    case 'signal':
      return scope.importSignal?.(payload as SignalTicket);
    case 'url':
      return new URL(payload as string);
    case 'map':
    case 'set':
      return payload;
  }
}

function makeInstance({ name, data, made }: InstancePayload): unknown {
  const type = sendableNamed(name);
  // The module that registers it was not loaded here: the fields are all there is.
  if (!type) return made ? data : {};
  if (!made) return Object.create(type.prototype as object);
  const revive = (type as { [fromThread]?: (data: unknown) => unknown })[fromThread];
  return revive ? Reflect.apply(revive, type, [data]) : data;
}

function assignFields(target: object, fields: object): void {
  for (const key of Object.keys(fields)) assign(target, key, (fields as Record<string, unknown>)[key]);
}

function fillMap(map: Map<unknown, unknown>, entries: readonly unknown[]): void {
  for (let i = 0; i < entries.length; i += 2) map.set(entries[i], entries[i + 1]);
}
