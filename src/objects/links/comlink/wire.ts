/** The messages of Comlink, checked: a peer may have made them as it likes. @module */

import { argumentError, OffloopError } from '../../../base/errors.ts';
import type { PortLike } from '../carriers/port.ts';

/** A value, as Comlink sends it. */
export type WireValue =
  | { readonly type: 'RAW'; readonly value: unknown }
  | { readonly type: 'HANDLER'; readonly name: string; readonly value: unknown };

/** A request that may be served: of one member, or of a function itself. */
export interface Request {
  readonly id: string;
  readonly type: 'GET' | 'APPLY' | 'RELEASE';
  readonly name: string;
  readonly args: readonly WireValue[];
}

/** The most units of an id. */
const mostId = 100;

/** The most arguments. */
const mostArguments = 1024;

type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

/** The id of a message; `undefined` for what is none of Comlink's. */
export function idOf(message: unknown): string | undefined {
  const id = isFields(message) ? message['id'] : undefined;
  return typeof id === 'string' && id.length > 0 && id.length <= mostId ? id : undefined;
}

/** Whether `message` asks for something, and is no answer. */
export function isRequest(message: unknown): boolean {
  const type = isFields(message) ? message['type'] : undefined;
  return type !== 'RAW' && type !== 'HANDLER';
}

/**
 * The request of `message`.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_FOUND` if it is for anything but a call or a value of one member.
 */
export function requestOf(id: string, message: unknown): Request {
  const { type, path = [], argumentList = [] } = message as Fields;
  if (type === 'RELEASE') return { id, type, name: '', args: [] };
  if (type !== 'GET' && type !== 'APPLY')
    throw refused('a peer lets only its methods be called and its values be read');
  if (!Array.isArray(path) || path.length > 1 || !path.every((name) => typeof name === 'string'))
    throw refused('a member of a peer has one name');
  if (!Array.isArray(argumentList) || argumentList.length > mostArguments || !argumentList.every(isWireValue))
    throw argumentError('Cannot call a method of a peer: its arguments are malformed');
  return { id, type, name: path[0] ?? '', args: argumentList };
}

export function isWireValue(value: unknown): value is WireValue {
  if (!isFields(value)) return false;
  if (value['type'] === 'RAW') return true;
  return value['type'] === 'HANDLER' && typeof value['name'] === 'string';
}

/** The port of a value that stands for an object or a function of the other side. */
export function portOf(value: WireValue): PortLike | undefined {
  if (value.type !== 'HANDLER' || value.name !== 'proxy') return undefined;
  const port = value.value as Partial<PortLike> | null;
  return typeof port?.postMessage === 'function' && typeof port.start === 'function' ? (port as PortLike) : undefined;
}

/** What was thrown at the other side; `undefined` if the value is none such. */
export function thrownOf(value: WireValue): { readonly thrown: unknown } | undefined {
  if (value.type !== 'HANDLER' || value.name !== 'throw' || !isFields(value.value)) return undefined;
  const { isError, value: thrown } = value.value;
  if (isError !== true) return { thrown };
  if (!isFields(thrown)) return undefined;
  // Only what errors have: a field could be called anything.
  const error = new Error(String(thrown['message']));
  for (const name of ['name', 'stack', 'code']) {
    const text = thrown[name];
    if (typeof text === 'string')
      Object.defineProperty(error, name, { value: text, configurable: true, writable: true });
  }
  return { thrown: error };
}

/** The form in which a thrown value is sent. A peer with Comlink copies the fields of an error, the code too. */
export function thrownForm(thrown: unknown): WireValue {
  if (!(thrown instanceof Error)) return { type: 'HANDLER', name: 'throw', value: { isError: false, value: thrown } };
  const { message, name, stack } = thrown;
  const { code } = thrown as { readonly code?: unknown };
  const fields = typeof code === 'string' ? { message, name, stack, code } : { message, name, stack };
  return { type: 'HANDLER', name: 'throw', value: { isError: true, value: fields } };
}

function refused(why: string): OffloopError {
  return new OffloopError('ERR_OFFLOOP_NOT_FOUND', `Cannot do what is asked of a peer: ${why}`);
}
