/**
 * Loads `lane.ts` for Piscina, which loads the file of its threads by `require`. On Node.js 22 the process ends if a
 * thread is terminated while it requires an ES module, but not while it imports one. @module
 */

const { enableCompileCache } = require('node:module') as { enableCompileCache?(folder: string): unknown };

module.exports = async (offer: { readonly compiled?: string }): Promise<number> => {
  // As `keepCompiled`, which is a part of what is to come from there.
  if (offer.compiled !== undefined) enableCompileCache?.(offer.compiled);
  return (await import('./lane.js')).default(offer as never);
};
