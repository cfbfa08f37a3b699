/** The messages between the two ends of an object: operations, and the description of an object. @module */

/** The operation that a call asks of the thread; the first argument of the one function that is registered for a class. */
export const Op = {
  /** Lasts as long as the objects of its home. */
  live: 0,

  /** Constructs the object. */
  start: 1,

  /** Calls a method. */
  call: 2,

  /** Calls a generator method, or iterates over an entity stream. */
  iterate: 3,
  read: 4,
  write: 5,

  /** Takes no more calls, and resolves once no call of the object is in flight. */
  settle: 6,

  /** Runs the object's own dispose, and forgets the object. */
  dispose: 7,
} as const;

export type OpCode = (typeof Op)[keyof typeof Op];

/** The uses of a member: a sum of these. */
export const Use = { call: 1, iterate: 2, read: 4, write: 8 } as const;

/** The members of an object that can be reached from elsewhere, and what can be done with them. */
export type Members = Readonly<Record<string, number>>;

/** Names an object of a home. */
export interface ObjectName {
  /** The number of the home: of the thread and the objects in it. */
  readonly home: number;

  /** The number of the object in its home; `0` for the one that was started. */
  readonly id: number;
}

/** An object, as it is described to the side that uses it. */
export interface ObjectForm extends ObjectName {
  /** The name of its class. */
  readonly type: string;
  readonly members: Members;

  /** The static members of its class; only of the object that was started. */
  readonly statics?: Members | undefined;

  /** For an entity stream: how many items it may be ahead. */
  readonly window?: number | undefined;
}

/** The number of the class itself, for its static members. */
export const ofClass = -1;
