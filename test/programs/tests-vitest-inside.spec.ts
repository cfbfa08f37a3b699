import { beforeAll, describe, expect, it } from 'vitest';
import { threaded } from 'offloop';

enum Level {
  low = 1,
  high = 10,
}

interface Row {
  name: string;
  level: Level;
}

const rows: Row[] = [];
rows.push({ name: 'a', level: Level.high });

const top = threaded((): string[] => rows.filter((row) => row.level > Level.low).map((row) => row.name));

describe('top', () => {
  let names: string[] = [];
  beforeAll(async () => {
    names = await top();
  });

  it('has the high rows', () => expect(names).toEqual(['a']));
});

//! works
//> ok 1 - tests-vitest-inside.spec.ts > top > has the high rows
//* child process
