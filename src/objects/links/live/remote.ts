/** An object or a function of the other side, as proxies know it. @module */

/** Limits of one call. */
export interface LinkCallOptions {
  /** Gives the call up: it rejects with `signal.reason`, and `callSignal()` in the method is aborted. @defaultValue none */
  signal?: AbortSignal | undefined;

  /** How long the call may take, in milliseconds; above 0. After it, `ERR_OFFLOOP_TIMEOUT`. @defaultValue `Infinity` */
  timeout?: number | undefined;
}

/** With so many bytes of memory in front of it, a chunk need not be copied to be sent. */
export const usualHeadroom = 11;

/** Bytes that are sent, and then belong to the connection. */
export interface OutgoingChunk {
  readonly bytes: Uint8Array;

  /** How many bytes of memory in front of them belong to them too. */
  readonly headroom: number;

  /** Whether they could not be read before. */
  readonly held?: boolean | undefined;

  /** Called when their memory is nobody's any more; never, if that is not known. */
  readonly sent?: () => void;
}

/** What a call goes to. */
export interface Remote {
  call(name: string, args: unknown[], options?: LinkCallOptions): Promise<unknown>;
  read(name: string, options?: LinkCallOptions): Promise<unknown>;

  /** Calls without an answer; does nothing once the other side is gone. */
  notify(name: string, args: unknown[]): void;

  /** As `notify('', [{ kind: 'data', context, bytes }])`, without a copy more than is needed. */
  sendBytes(context: number, chunk: OutgoingChunk): void;

  /** Forgets it: the other side does so too, once all that was asked is done. */
  release(): Promise<void>;
}

const remotes = new WeakMap<object, Remote>();

/** The object of the other side that `value` stands for, if it does. */
export function remoteOf(value: object): Remote | undefined {
  return remotes.get(value);
}

/** Notes that `value` stands for `remote`; gives `value`. */
export function standsFor<T extends object>(value: T, remote: Remote): T {
  remotes.set(value, remote);
  return value;
}
