/** Exports of every kind. @module */

/* oxlint-disable typescript/no-explicit-any -- what `any` becomes is tested, too */

export function parse(text: string): number {
  return text.length;
}

export async function later(text: string): Promise<string> {
  return text;
}

export async function identity<T>(value: T): Promise<T> {
  return value;
}

export function returnsAny(): any {
  return 1;
}

export function* count(): Generator<number> {
  yield 1;
}

export class Parser {
  static create(): Parser {
    return new Parser();
  }
  parse(text: string): number {
    return text.length;
  }
}

export const opaque: unknown = 1;
export const frozen: object = {};
export const version = '1.0';
export const settings = { port: 80, host: 'localhost' };
export const list: number[] = [];
export const table = new Map<string, number>();
export const birth = new Date(0);
export const nested = {
  label: 'nested',
  twice: (n: number): number => n * 2,
  deeper: { check: (n: number): boolean => n > 0 },
};

export default parse;
