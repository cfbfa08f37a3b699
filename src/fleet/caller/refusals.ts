/** Calls that a fleet cannot run. @module */

import { isEntry, foreignRunner } from '../../address/entry/entry.ts';
import { noModule } from '../../address/find/explain.ts';
import type { ModuleRecord } from '../../address/registry.ts';
import { argumentError, OffloopError } from '../../base/errors.ts';
import type { Call } from '../../call/call.ts';

/** Whether modules are the program's own file: the file system is asked once for each. */
const entries = new WeakMap<ModuleRecord, boolean>();

/** Why a fleet cannot run `call`; `undefined` if it can. */
export function refusalOf(call: Call): Error | undefined {
  const { plan, name, definition } = call;
  const { record, site, exported, whole, on } = definition;
  const option =
    plan.key !== undefined
      ? 'key'
      : plan.priority !== 0
        ? 'priority'
        : plan.transfer && plan.transfer.length > 0
          ? 'transfer'
          : undefined;
  if (option !== undefined) {
    const why = {
      key: 'any node may take it, and each has threads of its own',
      priority: 'its queue is served in order',
      transfer: 'nothing moves to another machine, all is copied',
    }[option];
    return argumentError(`Cannot call ${name} with the option ${option} in a fleet: ${why}`);
  }
  if (!record) return noModule(name, site.at);
  if (plan.lasts === true || plan.kept || whole || exported || on !== undefined) {
    const text = `Cannot call ${name} in a fleet: only functions that threaded wraps at the top level of a module are there`;
    return new OffloopError('ERR_OFFLOOP_NOT_FOUND', text);
  }
  if (isOwnFile(record)) {
    const text = `Cannot call ${name} in a fleet: it is in the program's own file, which a node would run. Move it to a module of its own`;
    return new OffloopError('ERR_OFFLOOP_REENTRY', text);
  }
  return undefined;
}

function isOwnFile(record: ModuleRecord): boolean {
  const known = entries.get(record);
  if (known !== undefined) return known;
  const isOwn = isEntry(record.url) && !foreignRunner();
  entries.set(record, isOwn);
  return isOwn;
}
