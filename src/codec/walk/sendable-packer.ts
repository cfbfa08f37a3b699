/** Packs instances of registered classes. @module */

import type { ErrorPacker } from '../errors/error-packer.ts';
import { formOf, isReplaced, sendableOf } from '../sendable.ts';
import type { SendableClass } from '../sendable.ts';
import type { InstanceFacts } from './hole.ts';
import { classKindOf } from './kinds.ts';
import type { Kind } from './kinds.ts';
import { EntryStep } from './path.ts';
import type { Packing } from './trail.ts';
import type { PackedKind, PartWalker } from './walker.ts';

/**
 * The kinds with content beside fields. Typed arrays are left out, because their fields cannot be told from their
 * items.
 */
const contentKinds: ReadonlySet<Kind> = new Set<Kind>(['file', 'kept', 'map', 'params', 'set', 'url']);

/**
 * Packs instances by their fields, their content, or the data of their `[toThread]()`.
 *
 * Invariant: an instance whose data is being packed is not in that data: the other side cannot make it before it has
 * the data.
 */
export class SendablePacker {
  readonly #walker: PartWalker;
  readonly #errors: ErrorPacker;

  /** Instances whose `[toThread]()` data is being packed. */
  readonly #forming = new Set<object>();

  constructor(walker: PartWalker, errors: ErrorPacker) {
    this.#walker = walker;
    this.#errors = errors;
  }

  pack(value: object): Packing {
    const walker = this.#walker;
    const { name, module } = sendableOf(value) as SendableClass;
    if (isReplaced(value))
      throw walker.refusal(value, { hint: `another class is registered as ${name}: give one of them another name` });
    const form = formOf(value);
    if (form) return this.#packForm(value, module === undefined ? { name } : { name, module }, form);
    const kind = classKindOf(value);
    if (kind === 'error') return this.#errors.pack(value, name);
    const packing = walker.packAs(kind === 'iterable' ? 'instance' : (kind as PackedKind), value);
    const fields = contentKinds.has(kind) ? this.#packBeside(value) : undefined;
    const facts: InstanceFacts = { name, kind: packing.kind, fields };
    const isName = packing.kind === undefined && fields === undefined;
    walker.trail.holes.push([packing.stand as object, undefined, 'prototype', isName ? name : facts]);
    return packing;
  }

  /** Packs the fields that an instance has beside its content, which structured clone would drop. */
  #packBeside(value: object): object | undefined {
    if (Object.keys(value).length === 0) return undefined;
    const fields = {};
    this.#walker.trail.within(value, () => this.#walker.putFields(value, fields));
    return fields;
  }

  #packForm(value: object, registered: object, form: () => unknown): Packing {
    const walker = this.#walker;
    const { trail } = walker;
    const hint = 'the data that its [toThread]() returns contains it again';
    if (this.#forming.has(value)) throw trail.refusal(value, { hint });
    const payload = { ...registered, data: undefined };
    const put = (): void => walker.put(payload, 'data', form(), new EntryStep('form'));
    this.#forming.add(value);
    try {
      // An error inside the data is packed as if no error were around the instance.
      this.#errors.apart(() => trail.within(value, put));
    } finally {
      this.#forming.delete(value);
    }
    return trail.keep(value, payload, 'instance');
  }
}
