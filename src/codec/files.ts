/** `File`s, of which structured clone keeps the bytes and the type alone up to Node.js 22. @module */

import buffer from 'node:buffer';
import type { Blob, File } from 'node:buffer';
import { structuredClone } from '../base/intrinsics.ts';

/** What travels of a file where structured clone makes a `Blob` of it. */
export interface FileTicket {
  readonly blob: Blob;
  readonly name: string;
  readonly lastModified: number;
}

let isLost: boolean | undefined;

/** Whether `value` is a file of which structured clone would make a mere `Blob`. */
export function isLostFile(value: object): value is File {
  // The name first: programs that have no files do not load the class.
  if (Object.prototype.toString.call(value) !== '[object File]' || !(value instanceof buffer.File)) return false;
  return (isLost ??= !(structuredClone(openFile({ blob: value, name: '', lastModified: 0 })) instanceof buffer.File));
}

export function fileTicket(file: File): FileTicket {
  return { blob: file, name: file.name, lastModified: file.lastModified };
}

export function openFile({ blob, name, lastModified }: FileTicket): File {
  const { type } = blob;
  // Options that a polluted `Object.prototype` has are not meant for it.
  const options = { __proto__: null, type, lastModified };
  return new buffer.File([blob], name, options);
}
