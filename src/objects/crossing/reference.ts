/** How objects cross: a description to the side that uses them, a name back to the side where they live. @module */

import { OffloopError } from '../../base/errors.ts';
import { shared } from '../../base/realm.ts';
import { bindToProcess, fromThread, sendable, toThread } from '../../codec/sendable.ts';
import type { ObjectForm, ObjectName } from './form.ts';

/** One end of a home. */
interface End {
  /** Gives what stands here for an object that the other end describes or names. */
  receive(form: ObjectName | ObjectForm): object;
}

/** The ends by the numbers of their homes: of homes whose objects live here, and of homes that are used from here. */
export const livingHere: Map<number, End> = shared('objects that live here', () => new Map<number, End>());
export const usedFromHere: Map<number, End> = shared('objects used from here', () => new Map<number, End>());

/** Stands for an object in the values that cross. */
export class ObjectReference {
  readonly #form: ObjectName | ObjectForm;

  constructor(form: ObjectName | ObjectForm) {
    this.#form = form;
  }

  /** The data that is sent in place of the reference. */
  get form(): ObjectName | ObjectForm {
    return this.#form;
  }

  static {
    Object.defineProperty(this.prototype, toThread, {
      value(this: ObjectReference) {
        return this.#form;
      },
    });
    Object.defineProperty(this, fromThread, { value: receive });
  }
}

/** @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if the object does not live in this thread. */
function receive(form: ObjectName | ObjectForm): object {
  const end = ('members' in form ? usedFromHere : livingHere).get(form.home);
  if (end) return end.receive(form);
  const text = 'Cannot receive a threaded object: it lives in another thread, or was released';
  throw new OffloopError('ERR_OFFLOOP_NOT_CLONEABLE', `${text}. Give it to the objects of its own thread only`);
}

sendable(ObjectReference, { name: 'offloop.ObjectReference' });
bindToProcess(ObjectReference);
