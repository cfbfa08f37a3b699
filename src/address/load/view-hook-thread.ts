/** The hook of `view-hook.ts` for Node.js without `registerHooks`: this module runs in the hooks thread. @module */

import { readFileSync } from 'node:fs';
import type { ViewSpec } from '../address.ts';
import { canonical, pathOf } from '../file-url.ts';
import { sourceText } from './loader-api.ts';
import type { LoadContext, LoadResult } from './loader-api.ts';
import { prepareSlicer, viewText } from './make-view.ts';

/** The data that the hook is registered with. */
export interface HookData {
  /** The canonical path of the module to slice. */
  readonly target: string;
  readonly url: string;
  readonly view: ViewSpec;

  /** Not 0 once another hook has taken over. */
  readonly off: Int32Array;
}

let data: HookData | undefined;

/** Node.js calls this once. */
export function initialize(given: HookData): void {
  data = given;
}

/** Node.js calls this for every import. */
export async function load(
  url: string,
  context: LoadContext,
  next: (url: string, context: LoadContext) => Promise<LoadResult>,
): Promise<LoadResult> {
  const result = await next(url, context);
  if (!data || data.off[0] !== 0 || result.format !== 'module' || !url.startsWith('file:')) return result;
  if (canonical(url) !== data.target) return result;
  await prepareSlicer(data.view);
  const text = sourceText(result.source) ?? readFileSync(pathOf(url) ?? '', 'utf8');
  return { format: 'module', source: viewText(text, data.url, data.view), shortCircuit: true };
}
