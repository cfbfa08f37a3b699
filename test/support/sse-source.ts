/** Sources for pages that keep a record, and clients that read what pages get. @module */

export interface Ticks extends AsyncIterable<number> {
  /** How many were given. */
  readonly given: number;
  readonly isClosed: boolean;
}

/** 1, 2, 3 and so on, one each turn of the loop, up to `last`; then it is quiet, or ends if `ends`. */
export function ticks(last = Infinity, { ends = false, from = 0 } = {}): Ticks {
  const it = {
    given: 0,
    isClosed: false,
    [Symbol.asyncIterator](): AsyncIterator<number> {
      let wake: (() => void) | undefined;
      return {
        async next() {
          await new Promise((resolve) => setImmediate(resolve));
          const number = from + it.given + 1;
          if (number > last && !ends && !it.isClosed) await new Promise<void>((resolve) => (wake = resolve));
          if (it.isClosed || number > last) return { value: undefined, done: true };
          it.given += 1;
          return { value: number, done: false };
        },
        async return() {
          it.isClosed = true;
          wake?.();
          return { value: undefined, done: true };
        },
      };
    },
  };
  return it;
}

/** The text of a response until it has `enough`; then the client leaves. */
export async function textOf(response: Response, enough: (text: string) => boolean = () => false): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (!enough(text)) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text;
}

/** The data of the events in `text`. */
export function dataOf(text: string): string[] {
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => data);
}
