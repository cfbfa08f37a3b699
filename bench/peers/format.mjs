/** One serializer of values. @module */

import { deserialize, serialize } from 'node:v8';

const ways = {
  async own() {
    // This module is built only for the benchmark: it is not part of the public API.
    const { fromBytes, toBytes } = await import('../../dist/lib/src/codec/bytes/bytes.js');
    return { write: (value) => toBytes(value), read: (bytes) => fromBytes(bytes), keepsAll: true };
  },
  v8: () => ({ write: serialize, read: deserialize, keepsAll: true }),
  json: () => ({
    write: (value) => Buffer.from(JSON.stringify(value)),
    read: (bytes) => JSON.parse(bytes.toString()),
    keepsAll: false,
  }),
};

export async function open({ format }) {
  return { runsOnMain: true, ...(await ways[format]()), close() {} };
}
