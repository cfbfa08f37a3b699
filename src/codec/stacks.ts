/** Joins the two stacks of an error: where it was thrown, and where the call was made. @module */

const joint = '    at offloop call';

/** Appends to the stack of `error` a line that names the crossing, and the frames of `caller`. */
export function joinStacks(error: Error, caller: string | undefined): void {
  const frames = caller?.slice(caller.indexOf('\n') + 1);
  const { stack } = error;
  if (typeof stack !== 'string' || !caller?.includes('\n') || stack.endsWith(`${joint}\n${frames}`)) return;
  try {
    const value = `${stack}\n${joint}\n${frames}`;
    Object.defineProperty(error, 'stack', { value, enumerable: false, configurable: true, writable: true });
  } catch {
    // A frozen error keeps the stack it has.
  }
}
