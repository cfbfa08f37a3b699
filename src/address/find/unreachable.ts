/** Explains why no thread can find a function that was wrapped after its module had been evaluated. @module */

import { addressOf } from './address-of.ts';
import { isBundled } from '../bundle/marks.ts';
import { capturedNames } from '../scopes/captures.ts';
import { notFound } from './explain.ts';
import type { Definition } from '../registry.ts';

/** Whether threads may find `definition`: its module was being evaluated, as far as this side can tell. */
export function isReachable({ site }: Definition): boolean {
  return site.top || isBundled(site.frames);
}

/** The error for a call of `definition`, which was made inside a function that no thread runs. */
export async function unreachable(definition: Definition): Promise<unknown> {
  try {
    const address = addressOf(definition);
    const names = (definition.record?.definitions ?? []).flatMap(({ site, name }) => (site.top ? name : []));
    const { top, inside } = definition.site;
    const captured = await capturedNames(definition.source);
    return notFound({ ...address, top: false }, names, captured, top ? inside : undefined);
  } catch (error) {
    return error;
  }
}
