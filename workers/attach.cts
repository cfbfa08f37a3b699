/**
 * Loads `lane.ts` for Piscina, which loads the file of its threads by `require`. On Node.js 22 the process ends if a
 * thread is terminated while it requires an ES module, but not while it imports one. @module
 */

module.exports = async (offer: unknown): Promise<number> => (await import('./lane.js')).default(offer as never);
