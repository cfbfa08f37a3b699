/** Where a group begins to read. @module */

import { inspect, types } from 'node:util';
import { argumentError } from '../base/errors.ts';
import type { StartPosition, TransportAbilities } from './transport.ts';

/**
 * `'first'`: all that there is; `'last'`: the last message and all after it; `'new'`: what comes from now on; a number: the
 * position of a message; a `Date`: what was stored since; an object: a position for each partition.
 */
export type Start = 'first' | 'last' | 'new' | number | Date | Readonly<Record<number, number>>;

const words = "'first', 'last', 'new', a position from 0, a Date, or an object of positions by partitions";

/** A transport, as positions see it. */
interface Abled {
  readonly name: string;
  readonly can: TransportAbilities;

  /** Whether it is known what it can; if not, it refuses later. */
  readonly isKnown?: boolean;
}

/**
 * `start`, as data.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if it is not one, or the transport has no such.
 */
export function startOf(action: string, start: Start, transport: Abled): StartPosition {
  const position = dataOf(start);
  if (!position) {
    const received = typeof start === 'object' ? inspect(start, { depth: 0 }) : String(start);
    throw argumentError(`Cannot ${action}: expected ${words}, received ${received}`);
  }
  if (transport.isKnown !== false) checkAbility(action, position, transport);
  return position;
}

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `transport` cannot begin at `position`. */
export function checkAbility(action: string, position: StartPosition, { name, can }: Abled): void {
  if (position.at === 'time' && !can.times) throw argumentError(`Cannot ${action}: ${name} cannot begin at a time`);
  if (position.at === 'partitions' && !can.partitions)
    throw argumentError(`Cannot ${action}: ${name} has no partitions`);
}

function dataOf(start: Start): StartPosition | undefined {
  if (start === 'first' || start === 'last' || start === 'new') return { at: start };
  if (typeof start === 'number') return isPosition(start) ? { at: 'position', position: start } : undefined;
  if (typeof start !== 'object' || start === null) return undefined;
  if (types.isDate(start)) {
    const time = start.getTime();
    return Number.isNaN(time) ? undefined : { at: 'time', time };
  }
  const positions = Object.entries(start);
  const areRight = positions.every(([name, position]) => isPosition(Number(name)) && isPosition(position));
  return positions.length > 0 && areRight ? { at: 'partitions', positions: { ...start } } : undefined;
}

function isPosition(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
