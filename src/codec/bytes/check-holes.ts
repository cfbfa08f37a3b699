/** Checks that holes read from bytes are such as a packer makes. @module */

import { URL } from 'node:url';
import type { ErrorPayload } from '../errors/payload.ts';
import type { Hole, HoleKind } from '../walk/hole.ts';
import { fromThread, isBoundToProcess, sendableNamed } from '../sendable.ts';

/** The classes that a chain of an error may name, and its fields that are not enumerable: more than any error has. */
const mostNames = 64;

/**
 * Checks the payload of a hole by its kind; in `keyless` also the container. Holes of other kinds do not occur in
 * bytes. No module is named by an instance in bytes: bytes never make a process load code.
 */
const checks: Partial<Record<HoleKind, (payload: unknown, container: object) => boolean>> = {
  buffer: (payload) => payload instanceof Uint8Array,
  error: isErrorPayload,
  instance: (payload) =>
    isRecord(payload) && isText(payload['name']) && Object.hasOwn(payload, 'data') && !('module' in payload),
  live: isRecord,
  params: (payload) => isRecord(payload) && isText(payload['query']),
  url: (payload) => isRecord(payload) && isText(payload['href']) && URL.canParse(payload['href']),
};

const keyless: typeof checks = {
  fields: (_, container) => isErrorPayload(container),
  map: (payload, container) => container instanceof Map && Array.isArray(payload) && payload.length % 2 === 0,
  prototype: isText,
  set: (payload, container) => container instanceof Set && Array.isArray(payload),
};

/** What bytes may make of themselves. */
export interface HoleLimits {
  /** Whether somebody makes the counterparts of what is used from afar. */
  readonly live: boolean;

  /** Whether the bytes may come from anybody. */
  readonly untrusted: boolean;
}

/**
 * Returns `holes` if all of them can be filled.
 *
 * @throws {RangeError} If `holes` are not holes of the list `values`, or ask for more than `limits` allow.
 */
export function checkedHoles(values: unknown, holes: unknown, { live, untrusted }: HoleLimits): readonly Hole[] {
  if (!Array.isArray(values) || !Array.isArray(holes) || !holes.every(isHole)) {
    throw new RangeError('their list of values to revive is malformed');
  }
  for (const [, , kind, payload] of holes as Hole[]) {
    if (kind === 'live' && !live) throw new RangeError('they refer to an object or a function that is not in them');
    if (untrusted && isForged(kind, payload)) throw new RangeError('they ask for an instance that no bytes may make');
  }
  return holes as Hole[];
}

/** Whether a packer would not have sent the instance so, or it stands for something of one process. */
function isForged(kind: HoleKind, payload: unknown): boolean {
  if (kind === 'prototype') {
    const type = sendableNamed(payload as string);
    // Only its own `[fromThread]` makes an instance of such a class: it may check the data.
    return isBoundToProcess(payload as string) || (type !== undefined && fromThread in type);
  }
  return kind === 'instance' && isBoundToProcess((payload as { readonly name: string }).name);
}

function isHole(hole: unknown): boolean {
  if (!Array.isArray(hole) || hole.length !== 4) return false;
  const [container, key, kind, payload] = hole as unknown[];
  if (typeof container !== 'object' || container === null || !isText(kind)) return false;
  if (key !== undefined && typeof key !== 'string' && typeof key !== 'number') return false;
  const table = key === undefined ? keyless : checks;
  return Object.hasOwn(table, kind) && table[kind as HoleKind]?.(payload, container) === true;
}

function isErrorPayload(payload: unknown): payload is ErrorPayload {
  if (!isRecord(payload) || !isRecord(payload['lineage']) || !isRecord(payload['fields'])) return false;
  const { lineage, registered, name, message, stack, hidden } = payload;
  const texts = [registered, name, message].every((it) => it === undefined || isText(it));
  return texts && isText(stack) && isNames(hidden) && isText(lineage['base']) && isNames(lineage['above']);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

const isNames = (value: unknown): boolean => Array.isArray(value) && value.length <= mostNames && value.every(isText);
