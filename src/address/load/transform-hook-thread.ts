/** The hooks of `transform-hook.ts` for Node.js without `registerHooks`; they run in the hooks thread. @module */

import type { LoadContext, LoadResult, ResolveContext, ResolveResult } from './loader-api.ts';
import { findTransform } from './transform.ts';
import type { Transform } from './transform.ts';
import { probe, transformed } from './transform-hook.ts';

let transform: Transform | undefined;

/** Node.js calls this once. */
export async function initialize(base: string): Promise<void> {
  transform = await findTransform(base);
}

/** Node.js calls this for every import. */
export async function resolve(
  specifier: string,
  context: ResolveContext,
  next: (specifier: string, context: ResolveContext) => Promise<ResolveResult>,
): Promise<ResolveResult> {
  return next(probe(specifier, context.parentURL) ?? specifier, context);
}

/** Node.js calls this for every import. */
export async function load(
  url: string,
  context: LoadContext,
  next: (url: string, context: LoadContext) => Promise<LoadResult>,
): Promise<LoadResult> {
  return (transform && transformed(url, transform)) ?? next(url, context);
}
