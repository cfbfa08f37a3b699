/** Checks the messages of byte streams that a peer has sent: it may have made them as it likes. @module */

import { OffloopError } from '../../../../base/errors.ts';
import type { ErrorCode } from '../../../../base/errors.ts';
import { flags, nothing } from '../../../bytes/mode.ts';
import type { StreamMode } from '../../../bytes/mode.ts';
import type { Problem, ToStream, ToStreamer } from '../../../bytes/wire/messages.ts';

type Fields = Readonly<Record<string, unknown>>;

/** @throws {OffloopError} `ERR_OFFLOOP_BYTES` if `message` is none of a stream. */
export function checkedToStreamer(message: unknown): ToStreamer {
  const { kind, context, direction, position, from, at, room, follows, limit, bytes, side } = fieldsOf(message);
  if (kind === 'close') return { kind };
  if (!isCount(context)) throw malformed();
  if (kind === 'flush') return { kind, context };
  if (kind === 'limit' && isCount(limit)) return { kind, context, limit };
  if (kind === 'data' && bytes instanceof Uint8Array) return { kind, context, bytes };
  if (kind === 'truncate' && (side === 'before' || side === 'after')) return { kind, context, side };
  if (kind !== 'open' || typeof follows !== 'boolean' || !isCount(at) || !isCount(room)) throw malformed();
  if (direction !== 'read' && direction !== 'write') throw malformed();
  if ((from !== 'absolute' && from !== 'start' && from !== 'end') || !Number.isSafeInteger(position)) throw malformed();
  return { kind, context, direction, position: position as number, from, at, room, follows };
}

/** @throws {OffloopError} `ERR_OFFLOOP_BYTES` if `message` is none of a streamer. */
export function checkedToStream(message: unknown): ToStream {
  const { kind, context, position, limit, bytes, mode, problem, held } = fieldsOf(message);
  if (kind === 'closed') return { kind };
  if (kind === 'connected' && isCount(position)) return { kind, mode: checkedMode(mode), position };
  if (kind === 'refused' || kind === 'failed') return { kind, problem: checkedProblem(problem) };
  if (kind === 'done') return { kind, problem: problem === undefined ? undefined : checkedProblem(problem) };
  if (!isCount(context)) throw malformed();
  if (kind === 'end') return { kind, context };
  if (kind === 'broken') return { kind, context, problem: checkedProblem(problem) };
  if (kind === 'data' && bytes instanceof Uint8Array) return { kind, context, bytes, held: held === true };
  if (kind === 'limit' && isCount(limit)) return { kind, context, limit };
  if (kind === 'opened' && isCount(position) && isCount(limit)) return { kind, context, position, limit };
  throw malformed();
}

/** The flags of `mode`; one that is missing is not set. */
export function checkedMode(mode: unknown): StreamMode {
  const given = fieldsOf(mode);
  const checked: Record<keyof StreamMode, boolean> = { ...nothing };
  for (const name of flags) checked[name] = given[name] === true;
  return checked;
}

function checkedProblem(problem: unknown): Problem {
  const given = fieldsOf(problem);
  const { code, message, cause } = given;
  if (typeof code !== 'string' || typeof message !== 'string' || !/^ERR_OFFLOOP_[A-Z_]{1,30}$/.test(code))
    throw malformed();
  return 'cause' in given ? { code: code as ErrorCode, message, cause } : { code: code as ErrorCode, message };
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw malformed();
  return value as Fields;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

export function malformed(): OffloopError {
  return new OffloopError('ERR_OFFLOOP_BYTES', 'Cannot use a byte stream of a peer: its message is malformed');
}
