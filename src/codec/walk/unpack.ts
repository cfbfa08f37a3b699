/** Fills the holes of values that have arrived. @module */

import { URL, URLSearchParams } from 'node:url';
import { fillMap, fillSet } from './collections.ts';
import type { ResolveClass } from '../errors/classes.ts';
import type { ErrorPayload } from '../errors/payload.ts';
import { errorShell, fillError } from '../errors/revival.ts';
import { openFile } from './files.ts';
import type { FileTicket } from './files.ts';
import { assign, define } from './hole.ts';
import type { Hole, HoleKind, InstanceFacts } from './hole.ts';
import { fromThread, sendableNamed } from '../sendable.ts';
import { loadNow } from '../load-now.ts';
import { openShared } from './shared.ts';
import type { SharedTicket } from './shared.ts';
import type { IterableTicket } from '../live/iterables.ts';
import type { SignalTicket } from '../live/ticket.ts';

/** Makes the local counterparts of things that stay on the other side. */
export interface IncomingScope {
  importFunction?(id: number): Function;
  importSignal?(ticket: SignalTicket): AbortSignal;
  importIterable?(ticket: IterableTicket): AsyncIterable<unknown>;
  importLive?(payload: object): unknown;
  readonly resolveClass?: ResolveClass;
}

/**
 * Fills the holes of `values`, in place, and returns `values`.
 *
 * @throws What a `[fromThread]` method throws.
 */
export function unpack(values: unknown[], holes: readonly Hole[], scope: IncomingScope): unknown[] {
  const revived = new Map<unknown, unknown>();
  for (const [container, key, kind, payload] of holes) {
    if (key === undefined) fill(container, kind, payload, (as, of) => revive(as, of, scope, revived) as object);
    else assign(container, key, revive(kind, payload, scope, revived));
  }
  return values;
}

/**
 * Makes the value of a payload once: a payload is one object on both sides. Functions have numeric ids as payloads
 * instead.
 */
function revive(kind: HoleKind, payload: unknown, scope: IncomingScope, revived: Map<unknown, unknown>): unknown {
  if (!revived.has(payload)) revived.set(payload, make(kind, payload, scope));
  return revived.get(payload);
}

function make(kind: HoleKind, payload: unknown, scope: IncomingScope): unknown {
  switch (kind) {
    case 'buffer': {
      const { buffer, byteOffset, byteLength } = payload as Uint8Array<ArrayBuffer>;
      return Buffer.from(buffer, byteOffset, byteLength);
    }
    case 'error':
      return errorShell(payload as ErrorPayload, scope.resolveClass);
    case 'file':
      return openFile(payload as FileTicket);
    case 'function':
      return scope.importFunction?.(payload as number);
    case 'instance':
      return makeInstance(payload as InstancePayload);
    case 'iterable':
      return scope.importIterable?.(payload as IterableTicket);
    case 'live':
      return scope.importLive?.(payload as object);
    case 'params':
      return new URLSearchParams((payload as { query: string }).query);
    case 'shared':
      return openShared(payload as SharedTicket);
    case 'signal':
      return scope.importSignal?.(payload as SignalTicket);
    case 'url':
      return new URL((payload as { href: string }).href);
    case 'fields':
    case 'map':
    case 'prototype':
    case 'set':
      return undefined;
  }
}

/**
 * Completes a container that is already in its place, so that cycles close. `madeOf` gives the value made of a payload.
 */
function fill(
  container: object,
  kind: HoleKind,
  payload: unknown,
  madeOf: (kind: HoleKind, payload: object) => object,
): void {
  if (kind === 'fields') fillError(madeOf('error', container) as Error, container as ErrorPayload);
  else if (kind === 'map') fillMap(container as Map<unknown, unknown>, payload as unknown[]);
  else if (kind === 'set') fillSet(container as Set<unknown>, payload as unknown[]);
  else if (kind === 'prototype') {
    const { name, kind: of, fields } = typeof payload === 'string' ? { name: payload } : (payload as InstanceFacts);
    becomeInstance(of === undefined ? container : madeOf(of, container), name, fields);
  }
}

function becomeInstance(it: object, name: string, fields: object = {}): void {
  for (const [key, value] of Object.entries(fields)) define(it, key, value);
  // If the module that registers the class is not loaded here, the object remains plain.
  const type = sendableNamed(name);
  if (type) Object.setPrototypeOf(it, type.prototype as object);
}

interface InstancePayload {
  readonly name: string;
  readonly data: unknown;

  /** The URL of the module of the library that registers the class. */
  readonly module?: string;
}

function makeInstance({ name, data, module }: InstancePayload): unknown {
  if (module !== undefined && !sendableNamed(name)) loadNow(module);
  const type = sendableNamed(name);
  if (!type) return data;
  const revive = (type as { [fromThread]?: (data: unknown) => unknown })[fromThread];
  if (revive) return Reflect.apply(revive, type, [data]);
  const it = Object.create(type.prototype as object) as object;
  for (const [key, value] of Object.entries(data ?? {})) assign(it, key, value);
  return it;
}
