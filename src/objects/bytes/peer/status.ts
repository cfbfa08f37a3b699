/** The states of a stream. @module */

/** The states of a stream: each leads only to later ones. `closing` is `close()` without its answer. */
export type StreamStatus = 'active' | 'closing' | 'closed' | 'failed';

export const statuses: readonly StreamStatus[] = ['active', 'closing', 'closed', 'failed'];

/** Whether a stream that is `now` is as `wanted`; `undefined` if it may still become so. */
export function hasReached(now: StreamStatus | 'connecting', wanted: readonly StreamStatus[]): boolean | undefined {
  if (wanted.some((it) => it === now)) return true;
  if (now === 'failed' || now === 'closed') return false;
  const isAhead = (it: StreamStatus): boolean => now === 'connecting' || statuses.indexOf(it) > statuses.indexOf(now);
  return wanted.some(isAhead) ? undefined : false;
}
