/** Keys and headers as NATS carries them. @module */

import { argumentError } from '../../base/errors.ts';
import type { OutgoingMessage } from '../transport.ts';
import type { NatsHeaders } from '../../nats/client-types.ts';
import { natsPackages } from './packages.ts';

/** By which the server knows a message that is sent again. */
const idHeader = 'Nats-Msg-Id';

/** The key, if it is a plain text; any other one in base 64. */
const keyHeader = 'Offloop-Key';
const bytesHeader = 'Offloop-Key-Base64';

/** There is no value. */
const nullHeader = 'Offloop-Null';

/** The headers that users neither send nor see: those of the server are orders to it. */
const own = /^(?:nats-.*|offloop-(?:key|key-base64|null))$/i;

/**
 * The headers of a message that is sent: its key is among them.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if one of them has a meaning of its own here.
 */
export function natsHeadersOf({ topic, key, value, headers, id }: OutgoingMessage): NatsHeaders {
  const made = natsPackages().headers();
  made.append(idHeader, id);
  for (const [name, value] of Object.entries(headers)) {
    if (own.test(name))
      throw argumentError(`Cannot send to the topic ${topic}: the header ${name} has a meaning of its own over NATS`);
    made.append(name, value);
  }
  if (value === null) made.append(nullHeader, '1');
  if (!key) return made;
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  const text = bytes.toString('latin1');
  if (/^[!-~](?:[ -~]*[!-~])?$/.test(text)) made.append(keyHeader, text);
  else made.append(bytesHeader, bytes.toString('base64'));
  return made;
}

/** The content of the headers of a message. */
export interface Head {
  readonly key: Uint8Array | undefined;
  readonly isNull: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

const none: Head = { key: undefined, isNull: false, headers: Object.freeze({}) };

/** The key and the headers of a message that has come. */
export function headOf(given: NatsHeaders | undefined): Head {
  if (!given) return none;
  let headers: [string, string][] | undefined;
  let key: Uint8Array | undefined;
  let isNull = false;
  for (const [name, [value = '']] of given) {
    // Nearly all messages have these two only.
    if (name === idHeader) continue;
    if (name === keyHeader) key = Buffer.from(value, 'latin1');
    else if (name === bytesHeader) key = Buffer.from(value, 'base64');
    else if (name === nullHeader) isNull = true;
    else if (!own.test(name)) (headers ??= []).push([name, value]);
  }
  return { key, isNull, headers: headers ? Object.fromEntries(headers) : none.headers };
}
