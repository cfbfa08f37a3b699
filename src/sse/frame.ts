/** Text of server-sent events, as browsers read it. @module */

import { argumentError, OffloopError } from '../base/errors.ts';

/** An event in parts. */
export interface FrameParts {
  readonly data: unknown;
  readonly event?: string | undefined;
  readonly id?: string | number | undefined;
}

/** A comment, which shows that the server is there, and which browsers ignore. */
export const heartbeatFrame = ':\n\n';

/** The text of an event: a string is sent as it is, any other data as JSON. */
export function frame({ data, event, id }: FrameParts): string {
  const head = `${isNone(event) ? '' : field('event', event)}${isNone(id) ? '' : field('id', String(id))}`;
  if (typeof data !== 'string') return `${head}data: ${jsonOf(data)}\n\n`;
  // A line of the text is a line of the event; the text of the browser has line feeds in each case.
  return data.includes('\n') || data.includes('\r')
    ? `${head}data: ${data.replaceAll(/\r\n|\r|\n/g, '\ndata: ')}\n\n`
    : `${head}data: ${data}\n\n`;
}

/** How long the browser is to wait before it connects again, in milliseconds. */
export function retryFrame(delay: number): string {
  return `retry: ${Math.round(delay)}\n\n`;
}

/**
 * The JSON of `data`; what JSON cannot have is `null`, as it is in arrays.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_CODEC` if JSON has no text for it at all, as for a `bigint` or a circle.
 */
export function jsonOf(data: unknown): string {
  try {
    const text: string | undefined = JSON.stringify(data);
    return text ?? 'null';
  } catch (cause) {
    const [reason = ''] = String((cause as Partial<Error> | null)?.message ?? cause).split('\n');
    const text = `Cannot send an item as JSON: ${reason}; give what can be sent by the option data`;
    throw new OffloopError('ERR_OFFLOOP_CODEC', text, { cause });
  }
}

/** Whether there is none: a row of a database has `null` where it has no id, which would be one for a browser. */
export function isNone(value: string | number | undefined): value is undefined {
  return value === undefined || (value as unknown) === null;
}

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `value` would end the line, or if browsers would ignore it. */
function field(name: 'event' | 'id', value: string): string {
  if (/[\r\n]/.test(value) || (name === 'id' && value.includes('\0'))) {
    const shown = JSON.stringify(value.slice(0, 60));
    throw argumentError(`Cannot send an event: expected an ${name} without line ends and NUL, received ${shown}`);
  }
  return `${name}: ${value}\n`;
}
