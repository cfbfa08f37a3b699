/** Finds the files below a folder. @module */

import { lstat, opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A regular file and its size in bytes when it was found. */
export interface FoundFile {
  readonly path: string;
  readonly size: number;
}

/** Options of {@link walk}. */
export interface WalkOptions {
  /** Called with each folder or file that could not be read; the walk goes on. @defaultValue ignores it */
  onFailure?: (path: string, error: unknown) => void;
}

/**
 * Finds all regular files at or below `root`, each folder's in the order of their names, so that two walks of the same
 * tree give the same list. Symbolic links are not followed, except `root` itself, and anything that is neither file nor
 * folder is left out.
 *
 * A folder or file that vanishes or cannot be read on the way goes to `onFailure`; the walk itself never fails.
 */
export async function* walk(root: string, { onFailure }: WalkOptions = {}): AsyncGenerator<FoundFile, void, undefined> {
  // A stack instead of recursion: a chain of nested generators would cost a promise per level and file.
  const pending = [root];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    try {
      const stats = await (path === root ? stat : lstat)(path);
      if (stats.isFile()) yield { path, size: stats.size };
      else if (stats.isDirectory()) pending.push(...(await children(path)));
    } catch (error) {
      onFailure?.(path, error);
    }
  }
}

/** Paths of the files and folders in a folder, last name first: the stack turns them round. */
async function children(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of await opendir(folder)) {
    if (!entry.isSymbolicLink()) names.push(entry.name);
  }
  return names.sort((a, b) => (a < b ? 1 : -1)).map((name) => join(folder, name));
}
