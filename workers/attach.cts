/**
 * The door to `lane.ts` for Piscina, which requires what its threads run: Node.js 22 ends the process if a thread is
 * terminated just while it requires an ES module, but not while it imports one. @module
 */

module.exports = async (offer: unknown): Promise<number> => (await import('./lane.js')).default(offer as never);
