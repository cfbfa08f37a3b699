/** The hooks of `transform-hook.ts` for Node.js without `registerHooks`: a module that runs in the thread for hooks. @module */

import type { LoadContext, LoadResult, ResolveContext, ResolveResult } from './loader-api.ts';
import { findTransform } from './transform.ts';
import type { Transform } from './transform.ts';
import { probe, transformed } from './transform-hook.ts';

let transform: Transform | undefined;

/** Called by Node.js, once. */
export async function initialize(base: string): Promise<void> {
  transform = await findTransform(base);
}

/** Called by Node.js for every module that is imported. */
export async function resolve(
  specifier: string,
  context: ResolveContext,
  next: (specifier: string, context: ResolveContext) => Promise<ResolveResult>,
): Promise<ResolveResult> {
  return next(probe(specifier, context.parentURL) ?? specifier, context);
}

/** Called by Node.js for every module that is imported. */
export async function load(
  url: string,
  context: LoadContext,
  next: (url: string, context: LoadContext) => Promise<LoadResult>,
): Promise<LoadResult> {
  return (transform && transformed(url, transform)) ?? next(url, context);
}
