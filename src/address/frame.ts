/** The frames of V8's stacks. @module */

/** The types of the oldest supported Node.js lack these methods; all supported versions have them. */
export type Frame = NodeJS.CallSite & {
  getEnclosingLineNumber?(): number | null;
  getEnclosingColumnNumber?(): number | null;
  getPosition?(): number;
  getScriptHash?(): string;
  getScriptNameOrSourceURL?(): string | null;
  isAsync?(): boolean;
};
