/** Which failures of the server may be over in a while. @module */

/** The server is there, and its JetStream is not yet: it starts, or a cluster chooses who leads. */
const unavailable = 503;

/** Whether the server was away, or its cluster was without a leader. */
export function isPassing(error: unknown): boolean {
  const { name, status } = error as { readonly name?: unknown; readonly status?: unknown };
  return status === unavailable || /Timeout|NoResponders|Request|Connection/.test(String(name));
}

/** Whether a refusal with this code may be over in a while: JetStream, or the stream, is not there. */
export const isPassingCode = (code: number): boolean => code === unavailable || code === 404;
