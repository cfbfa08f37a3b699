/** Where a group begins to read. @module */

import { types } from 'node:util';
import { argumentError } from '../base/errors.ts';
import type { StartPosition, TransportAbilities } from './transport.ts';

/**
 * `'first'`: all that there is; `'last'`: the last message and all after it; `'new'`: what comes from now on; a number: the
 * position of a message; a `Date`: what was stored since; an object: a position for each partition.
 */
export type Start = 'first' | 'last' | 'new' | number | Date | Readonly<Record<number, number>>;

const words = "'first', 'last', 'new', a position from 0, a Date, or an object of positions by partitions";

/**
 * `start`, as data.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if it is not one, or the transport has no such.
 */
export function startOf(
  action: string,
  start: Start,
  transport: { name: string; can: TransportAbilities },
): StartPosition {
  const refuse = (why: string): never => {
    throw argumentError(`Cannot ${action}: ${why}`);
  };
  if (start === 'first' || start === 'last' || start === 'new') return { at: start };
  if (typeof start === 'number')
    return isPosition(start) ? { at: 'position', position: start } : refuse(`expected ${words}, received ${start}`);
  if (types.isDate(start)) {
    const time = start.getTime();
    if (Number.isNaN(time)) refuse('the Date is invalid');
    if (!transport.can.times) refuse(`${transport.name} cannot start at a time`);
    return { at: 'time', time };
  }
  if (typeof start !== 'object' || start === null) return refuse(`expected ${words}, received ${typeof start}`);
  const positions = Object.entries(start);
  if (
    positions.length === 0 ||
    !positions.every(([name, position]) => isPosition(Number(name)) && isPosition(position))
  )
    return refuse(`expected ${words}`);
  if (!transport.can.partitions) refuse(`${transport.name} has no partitions`);
  return { at: 'partitions', positions: { ...start } };
}

function isPosition(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
