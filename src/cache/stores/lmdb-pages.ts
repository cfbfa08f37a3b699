/** The trees in the file of an lmdb store. @module */

/** The head of a page: its number, its flags, and where its free space begins and ends. */
const Page = { number: 0, flags: 18, lower: 20, head: 24 } as const;
const PageFlag = { branch: 1, leaf: 2 } as const;

/** A node of a page: the size of its data, or with its flags the number of a page; the size of its key; key and data. */
const Node = { size: 0, flags: 4, keySize: 6, key: 8 } as const;
const NodeFlag = { large: 1, tree: 2 } as const;

/** In the data of a node: where the page of a large value, and how many there are; where the root of a tree is. */
const Large = { page: 0, count: 16 } as const;
const treeRoot = 40;
const none = 2n ** 64n - 1n;

/** A store as one commit has left it. */
export interface Snapshot {
  readonly transaction: bigint;
  readonly pageSize: number;

  /** The root pages of the trees that are not empty, and the last page that is used. */
  readonly roots: readonly number[];
  readonly last: number;
}

/** Reads bytes of the file; fewer than asked for at its end. */
export type Read = (at: number, length: number) => Buffer;

/** How far to look. */
export interface Depth {
  /** The size of the file. */
  readonly size: number;

  /** Whether to look at all pages of the trees, instead of their roots only. */
  readonly isDeep: boolean;
}

/** Whether the file has the pages of the trees. */
export function hasPages({ pageSize, roots }: Snapshot, read: Read, { size, isDeep }: Depth): boolean {
  const seen = new Set<number>();
  const due = [...roots];
  for (let number = due.pop(); number !== undefined; number = due.pop()) {
    if (seen.has(number)) return false;
    seen.add(number);
    const page = read(number * pageSize, pageSize);
    if (page.length < pageSize || Number(page.readBigUInt64LE(Page.number)) !== number) return false;
    const flags = page.readUInt16LE(Page.flags);
    if ((flags & (PageFlag.branch | PageFlag.leaf)) === 0) return false;
    if (!isDeep) continue;
    for (const node of nodesOf(page)) {
      if (node.length < Node.key) return false;
      if ((flags & PageFlag.branch) !== 0) due.push(node.readUIntLE(Node.size, Node.keySize));
      else if (!leafIsWhole(node, (end) => end * pageSize <= size, due)) return false;
    }
  }
  return true;
}

/** The nodes of a page, each to the end of the page. */
function nodesOf(page: Buffer): Buffer[] {
  const count = page.readUInt16LE(Page.lower) >> 1;
  return Array.from({ length: count }, (_, i) => {
    const at = Page.head + 2 * i;
    return at + 2 > page.length ? page.subarray(page.length) : page.subarray(Page.head + page.readUInt16LE(at));
  });
}

/** Whether the pages of a large value are there; adds the root of a tree to `due`. */
function leafIsWhole(node: Buffer, has: (end: number) => boolean, due: number[]): boolean {
  const flags = node.readUInt16LE(Node.flags);
  const data = node.subarray(Node.key + node.readUInt16LE(Node.keySize));
  if ((flags & NodeFlag.large) !== 0) {
    if (data.length < Large.count + 8) return false;
    return has(Number(data.readBigUInt64LE(Large.page)) + Number(data.readBigUInt64LE(Large.count)));
  }
  if ((flags & NodeFlag.tree) === 0) return true;
  if (data.length < treeRoot + 8) return false;
  const root = data.readBigUInt64LE(treeRoot);
  if (root !== none) due.push(Number(root));
  return true;
}
