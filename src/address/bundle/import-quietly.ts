/** Imports modules for code that was compiled from a text. @module */

import { compileFunction, constants } from 'node:vm';

/** The module `from`, as code of the file `file` would import it. Node.js warns that this way is experimental, once. */
export async function importQuietly(from: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  const load = compileFunction('return import(from)', ['from'], {
    filename: file,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as (from: string) => Promise<Readonly<Record<string, unknown>>>;
  return quietly(async () => load(from));
}

/** Calls `action`; what it warns of at once is not printed. */
function quietly<T>(action: () => T): T {
  // oxlint-disable-next-line typescript/unbound-method
  const { emitWarning } = process;
  try {
    process.emitWarning = () => undefined;
    return action();
  } finally {
    process.emitWarning = emitWarning;
  }
}
