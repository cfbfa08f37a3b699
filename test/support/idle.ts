/** Waits for a pool to have nothing left to do. @module */

import type { ThreadPool } from 'offloop';
import { expect, vi } from 'vitest';

/** Resolves once no thread is busy: one whose call was given up is, until the call ends or the thread does. */
export async function idle(pool: ThreadPool): Promise<void> {
  await vi.waitFor(() => expect(pool.stats()).toMatchObject({ busy: 0, queued: 0 }), { timeout: 30_000 });
}
