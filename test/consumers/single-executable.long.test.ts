/** A single executable of Node.js: modules beside it run in threads, its own text is refused with the cure. @module */

import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { isFull } from '../support/full.ts';
import { project } from '../support/project.ts';

const execute = promisify(execFile);
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

test.runIf(isFull && process.platform === 'linux')(
  'a single executable runs functions of modules beside it, and says so for its own',
  { timeout: 120_000 },
  async () => {
    const folder = project({
      'package.json': '{"private":true}',
      'sea.json': '{"main":"app.cjs","output":"prep.blob","disableExperimentalSEAWarning":true}',
      'app.cjs': `
        const beside = require('node:module').createRequire(process.execPath);
        const { threaded } = beside('offloop');
        const inside = threaded(function inside(n) { return n; });
        const { square } = beside('./jobs.cjs');
        inside(1)
          .catch(({ code, message }) => console.log(code, /beside the executable/.test(message)))
          .then(() => square(6))
          .then(console.log);`,
      'jobs.cjs': `exports.square = require('offloop').threaded(function square(n) { return n * n; });`,
    });
    const app = join(folder, 'app');
    await execute(process.execPath, ['--experimental-sea-config', 'sea.json'], { cwd: folder });
    copyFileSync(process.execPath, app);
    chmodSync(app, 0o755);
    const postject = createRequire(import.meta.url).resolve('postject/dist/cli.js');
    const injecting = [postject, app, 'NODE_SEA_BLOB', join(folder, 'prep.blob'), '--sentinel-fuse', fuse];
    await execute(process.execPath, injecting, { cwd: folder });
    const { stdout } = await execute(app, [], { cwd: folder, timeout: 60_000 });

    expect(stdout.trim().split('\n')).toEqual(['ERR_OFFLOOP_NO_MODULE true', '36']);
  },
);
