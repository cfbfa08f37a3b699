/** Runs a round in a fresh process: for rows about start-up or memory. @module */

import { spent } from './measure.mjs';
import { opener } from './opener.mjs';
import { groups } from './rows/index.mjs';

const [name, title, rowName, size] = process.argv.slice(2);
const group = groups.find((group) => group.title === title);
const row = group.rows.find((row) => row.name === rowName);

try {
  const result = await row.fresh(opener(name, group), Number(size));
  process.send({ ...result, spent: spent() });
} catch (error) {
  process.send({ error: error.message.split('\n')[0], spent: spent() });
}
