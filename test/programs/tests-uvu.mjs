import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { threaded } from 'offloop';

//#region jobs
const slug = threaded((text) => text.toLowerCase().replace(/\W+/g, '-'));
//#endregion

const Slug = suite('slug');

Slug('spaces', async () => {
  assert.is(await slug('Hello World'), 'hello-world');
  console.log('first ran');
});

Slug('punctuation', async () => {
  assert.is(await slug('a, b; c'), 'a-b-c');
  console.log('second ran');
});

Slug.run();

//! works
//>  slug  first ran
//> • second ran
//> •   (2 / 2)
//>
//>   Total:     2
//>   Passed:    2
//>   Skipped:   0
