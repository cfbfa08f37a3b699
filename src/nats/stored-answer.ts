/** What JetStream says of a message that was sent to one of its streams. @module */

import { Buffer } from 'node:buffer';

/** The number of the message in its stream; or why it was refused, beside which the number may be 0. */
export type StoredAnswer =
  | { readonly seq: number; readonly error?: undefined }
  | { readonly seq?: undefined; readonly error: { readonly code: number; readonly description: string } };

/** The answer in `data`; `undefined` if it is from somebody else who listens to the subject, or sends to where answers go. */
export function storedAnswerIn(data: Uint8Array): StoredAnswer | undefined {
  try {
    const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString();
    const { stream, seq, error } = Object(JSON.parse(text)) as Record<string, unknown>;
    if (error !== undefined) return refusalIn(error);
    return typeof stream === 'string' && Number.isSafeInteger(seq) ? { seq: seq as number } : undefined;
  } catch {
    // It is no JSON.
    return undefined;
  }
}

function refusalIn(error: unknown): StoredAnswer | undefined {
  const { code, description } = Object(error) as Record<string, unknown>;
  if (typeof code !== 'number') return undefined;
  return { error: { code, description: typeof description === 'string' ? description : '' } };
}
