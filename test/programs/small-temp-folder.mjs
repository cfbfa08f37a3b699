import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threaded } from 'offloop';

const folder = mkdtempSync(join(tmpdir(), 'program-'));
process.on('exit', () => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'a.txt'), 'a');
const list = threaded(() => readdirSync(folder).length);
console.log(await list());

//! refused ERR_OFFLOOP_CAPTURE folder
//> 1
//* mkdtemp
