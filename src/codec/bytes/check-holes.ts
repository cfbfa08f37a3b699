/** Checks that holes read from bytes are such as a packer makes. @module */

import { URL } from 'node:url';
import type { ErrorPayload } from '../error-payload.ts';
import type { Hole, HoleKind } from '../hole.ts';

/**
 * Checks the payload of a hole by its kind; in `keyless` also the container. Holes of other kinds do not occur in
 * bytes.
 */
const checks: Partial<Record<HoleKind, (payload: unknown, container: object) => boolean>> = {
  buffer: (payload) => payload instanceof Uint8Array,
  error: isErrorPayload,
  instance: (payload) => isRecord(payload) && isText(payload['name']) && Object.hasOwn(payload, 'data'),
  params: (payload) => isRecord(payload) && isText(payload['query']),
  url: (payload) => isRecord(payload) && isText(payload['href']) && URL.canParse(payload['href']),
};

const keyless: typeof checks = {
  fields: (_, container) => isErrorPayload(container),
  map: (payload, container) => container instanceof Map && Array.isArray(payload) && payload.length % 2 === 0,
  prototype: isText,
  set: (payload, container) => container instanceof Set && Array.isArray(payload),
};

/**
 * Returns `holes` if all of them can be filled.
 *
 * @throws {RangeError} If `holes` are not holes of the list `values`.
 */
export function checkedHoles(values: unknown, holes: unknown): readonly Hole[] {
  if (!Array.isArray(values) || !Array.isArray(holes) || !holes.every(isHole)) {
    throw new RangeError('their list of values to revive is malformed');
  }
  return holes as Hole[];
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
  return texts && isText(stack) && isTexts(hidden) && isText(lineage['base']) && isTexts(lineage['above']);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
