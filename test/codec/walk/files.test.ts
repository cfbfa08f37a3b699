import { File } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { pack } from '../../../src/codec/walk/pack.ts';
import { sendable } from '../../../src/codec/sendable.ts';
import { itemsOf, visit } from '../../fixtures/jobs/crossing.mjs';
import { failure, sent, sentByLook, thrown } from '../round-trip.ts';

const make = (): File => new File(['bytes'], 'a.txt', { type: 'text/plain', lastModified: 7 });

async function expectFile(value: unknown): Promise<void> {
  expect(value).toBeInstanceOf(File);
  const file = value as File;
  expect([file.name, file.type, file.lastModified, file.size]).toEqual(['a.txt', 'text/plain', 7, 5]);
  expect(await file.text()).toBe('bytes');
}

describe('a File', () => {
  test.each([
    ['the walk', sent],
    ['the look', sentByLook],
  ])('arrives with name, type and time, wherever it stands, by %s', async (_, send) => {
    const file = make();
    const value = { list: [file], map: new Map([[file, new Set([{ file }])]]) };

    const arrived = send(value);

    await expectFile(arrived.list[0]);
    const [[key, set] = []] = arrived.map;
    expect(key).toBe(arrived.list[0]);
    expect([...(set ?? [])]).toEqual([{ file: arrived.list[0] }]);
  });

  test('arrives as what an error has', async () => {
    const error = thrown(Object.assign(new Error('a'), { upload: { file: make() } })) as { upload: { file: File } };

    await expectFile(error.upload.file);
  });

  test('of a registered class keeps the class, and its fields', async () => {
    class Photo extends File {
      place = 'here';
    }
    sendable(Photo, { name: 'test.Photo' });

    const photo = sent([new Photo(['bytes'], 'a.txt', { type: 'text/plain', lastModified: 7 })])[0];

    expect(photo).toBeInstanceOf(Photo);
    expect(photo?.place).toBe('here');
    await expectFile(photo);
  });

  test('is refused where only bytes arrive', () => {
    expect(failure(() => pack([make()], { root: 'item', asBytes: true })).code).toBe('ERR_OFFLOOP_NOT_CLONEABLE');
  });

  test('goes to a thread and comes back, as argument, result and item', async () => {
    const { type, value } = await visit(make());
    const items: unknown[] = [];
    for await (const item of itemsOf([make()])) items.push(item);

    expect(type).toBe('File');
    await expectFile(value);
    await expectFile(items[0]);
  });
});
