/** `File`s: up to Node.js 22, structured clone keeps only their bytes and type. @module */

import buffer from 'node:buffer';
import type { Blob, File } from 'node:buffer';
import { structuredClone } from '../../base/intrinsics.ts';

/** The parts of a file that are sent if structured clone would turn it into a `Blob`. */
export interface FileTicket {
  readonly blob: Blob;
  readonly name: string;
  readonly lastModified: number;
}

let isLost: boolean | undefined;

/** Whether `value` is a file that structured clone would turn into a `Blob`. */
export function isLostFile(value: object): value is File {
  // The tag is checked first, so that programs without files do not load the class.
  if (Object.prototype.toString.call(value) !== '[object File]' || !(value instanceof buffer.File)) return false;
  return (isLost ??= !(structuredClone(openFile({ blob: value, name: '', lastModified: 0 })) instanceof buffer.File));
}

export function fileTicket(file: File): FileTicket {
  return { blob: file, name: file.name, lastModified: file.lastModified };
}

export function openFile({ blob, name, lastModified }: FileTicket): File {
  const { type } = blob;
  // Without a prototype, so that no option is read from a polluted `Object.prototype`.
  const options = { __proto__: null, type, lastModified };
  return new buffer.File([blob], name, options);
}
