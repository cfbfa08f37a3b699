/** Which partition a key of Kafka belongs to: as all clients for Kafka say. @module */

/** Murmur 2, as the client of Kafka for Java has it. */
export function murmur2(bytes: Uint8Array): number {
  const multiplier = 0x5bd1e995;
  const { length } = bytes;
  const at = (i: number): number => bytes[i] ?? 0;
  let hash = 0x9747b28c ^ length;
  for (let i = 0; i + 4 <= length; i += 4) {
    let part = at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24);
    part = Math.imul(part, multiplier);
    part ^= part >>> 24;
    hash = Math.imul(hash, multiplier) ^ Math.imul(part, multiplier);
  }
  const rest = length & ~3;
  if (length % 4 === 3) hash ^= at(rest + 2) << 16;
  if (length % 4 >= 2) hash ^= at(rest + 1) << 8;
  if (length % 4 >= 1) hash = Math.imul(hash ^ at(rest), multiplier);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, multiplier);
  return hash ^ (hash >>> 15);
}

/** The partition of `key`, of `count`. */
export function kafkaPartitionOf(key: Uint8Array, count: number): number {
  return (murmur2(key) & 0x7fffffff) % count;
}
