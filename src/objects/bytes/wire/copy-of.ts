/** Copies bytes for a message. @module */

/** A copy in memory of its own, which can be transferred: small buffers share a pool, which cannot. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
