/** Blocks a thread in native code, which terminating the thread does not interrupt. @module */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';

export interface Hold {
  readonly folder: string;

  /** Resolves once `count` threads, all in all, are in native code. */
  begun(count: number): Promise<void>;

  /** Lets everyone go on. */
  release(): void;
}

/** Holds whoever comes until it is released, or the test has finished. */
export function hold(): Hold {
  const folder = mkdtempSync(join(tmpdir(), 'offloop-'));
  const [held, begun] = [join(folder, 'held'), join(folder, 'begun')];
  writeFileSync(held, '');
  writeFileSync(begun, '');
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return {
    folder,
    begun: async (count) => {
      const wide = { timeout: 20_000, interval: 5 };
      await vi.waitFor(() => expect(readFileSync(begun, 'utf8')).toHaveLength(count), wide);
    },
    release: () => rmSync(held),
  };
}
