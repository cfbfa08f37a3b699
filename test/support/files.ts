/** Files for tests, which are removed after them. @module */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

let folder: string | undefined;
let files = 0;

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
});

/** The path of a new file with `bytes`. */
export function fileWith(bytes: string | Uint8Array): string {
  folder ??= mkdtempSync(join(tmpdir(), 'offloop-bytes-'));
  const path = join(folder, `${(files += 1)}.bin`);
  writeFileSync(path, bytes);
  return path;
}
