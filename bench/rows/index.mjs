/** All rows, in the order they are printed. @module */

import { arrivals } from './arrivals.mjs';
import { bridge } from './bridge.mjs';
import { bytes } from './bytes.mjs';
import { cache } from './cache.mjs';
import { calls } from './calls.mjs';
import { besideOthers, cold } from './cold.mjs';
import { coldBytes, coldItems, coldWaits, newThreads } from './cold-rest.mjs';
import { context } from './context.mjs';
import { flows, flowsInThreads } from './flow.mjs';
import { files, filesOfThreads } from './files.mjs';
import { fleet, fleetNodes, fleetSpread } from './fleet.mjs';
import { idle } from './idle.mjs';
import { links, linksOverPorts } from './links.mjs';
import { loop } from './loop.mjs';
import { memory } from './memory.mjs';
import { coldObjects, objects } from './objects.mjs';
import { keyed, operators } from './operators.mjs';
import { scaling } from './scaling.mjs';
import { events, watching } from './sources.mjs';
import { ownFile, start } from './start.mjs';
import { streams } from './streams.mjs';
import { topicsInMemory, topicsOverKafka, topicsOverNats } from './topics.mjs';
import { values } from './values.mjs';
import { work } from './work.mjs';

/**
 * A row has a `name`, a `unit`, how many `rounds` count, a `size` and a `quickSize`, a sentence that `says` what is
 * measured, and `targets`. Its `round` gives a `figure` in that unit, the processor time of one call in microseconds as
 * `cpu`, something else as `side` if there is a `sideUnit`, how many `answers` it found right, and how many threads it
 * `used` if it knows; a wrong answer throws. A row that has `fresh` instead is run in a new process each round, and is
 * given what opens the contestant there.
 *
 * It may have `contestants` of its own, a `baseline` beside them, and what each does at the `begin`, which throws as
 * well. Contestants that take long get their part of the size, by the divisor in `fewer`; then figures are not to
 * depend on it. Rows of a group that `opensItself` get `{ open }` for an open contestant.
 */
export const groups = [
  { title: 'Calls', rows: calls },
  { title: 'Cold calls', rows: cold, opensItself: true },
  { title: 'Cold waits', rows: coldWaits, opensItself: true },
  { title: 'Cold bytes', rows: coldBytes, opensItself: true },
  { title: 'Cold items', rows: coldItems, opensItself: true },
  { title: 'New threads', rows: newThreads, opensItself: true },
  { title: 'Beside others', rows: besideOthers, opensItself: true },
  { title: 'Random arrivals', rows: arrivals, opensItself: true },
  { title: 'Bytes', rows: bytes },
  { title: 'Streams', rows: streams },
  { title: 'Operators', rows: operators },
  { title: 'Items by key', rows: keyed },
  { title: 'Flows', rows: flows },
  { title: 'Flows in threads', rows: flowsInThreads },
  { title: 'Topics in memory', rows: topicsInMemory },
  { title: 'Topics over NATS', rows: topicsOverNats },
  { title: 'Topics over Kafka', rows: topicsOverKafka },
  { title: 'Calls on other machines', rows: fleet },
  { title: 'Uneven calls on other machines', rows: fleetSpread },
  { title: 'Nodes of a fleet', rows: fleetNodes },
  { title: 'Byte streams', rows: files },
  { title: 'Byte streams of threads', rows: filesOfThreads },
  { title: 'Values as bytes', rows: values },
  { title: 'Cache', rows: cache },
  { title: 'Sources', rows: events },
  { title: 'Sources in threads', rows: watching },
  { title: 'Waiting for main', rows: bridge },
  { title: 'Context', rows: context },
  { title: 'Objects', rows: objects },
  { title: 'New objects', rows: coldObjects, opensItself: true },
  { title: 'Links', rows: links },
  { title: 'Links over ports', rows: linksOverPorts },
  { title: 'Scaling', rows: scaling, opensItself: true },
  { title: 'Real work', rows: work },
  { title: 'The loop of main', rows: loop },
  { title: 'Start', rows: start, opensItself: true },
  { title: 'Own file', rows: ownFile, opensItself: true },
  { title: 'Memory', rows: memory, opensItself: true },
  { title: 'Idle', rows: idle },
];
