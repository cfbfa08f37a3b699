/** The trees in the file of an lmdb store. @module */

/**
 * The head of a page: its number, its flags, and where its free space begins and ends, counted from the end of the head. The
 * offsets of its nodes stand before the free space, the nodes after it.
 */
const Page = { number: 0, flags: 18, lower: 20, upper: 22, head: 24 } as const;
const PageFlag = { branch: 1, leaf: 2, large: 4 } as const;

/** A node of a page: the size of its data, or with its flags the number of a page; the size of its key; key and data. */
const Node = { size: 0, flags: 4, keySize: 6, key: 8 } as const;
const NodeFlag = { large: 1, tree: 2 } as const;
const mostKeySize = 1978;

/** In the data of a node: where the page of a large value is, and how many there are; where the root of a tree is. */
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

/** Whether the file has the pages of the trees, and what is in them is where they say. */
export function hasPages({ pageSize, roots, last }: Snapshot, read: Read, { size, isDeep }: Depth): boolean {
  const seen = new Set<number>();
  const due = [...roots];
  for (let number = due.pop(); number !== undefined; number = due.pop()) {
    if (seen.has(number) || number < 2 || number > last) return false;
    seen.add(number);
    const page = read(number * pageSize, pageSize);
    if (page.length < pageSize || Number(page.readBigUInt64LE(Page.number)) !== number) return false;
    const flags = page.readUInt16LE(Page.flags);
    if (flags !== PageFlag.branch && flags !== PageFlag.leaf) return false;
    if (!isDeep) continue;
    const nodes = nodesOf(page);
    if (!nodes) return false;
    const isLarge = (from: number, count: number): boolean =>
      (from + count) * pageSize <= size && isLargeValue(read(from * pageSize, Page.head), from, count);
    for (const node of nodes) {
      if (flags === PageFlag.branch) due.push(node.readUIntLE(Node.size, Node.keySize));
      else if (!leafIsWhole(node, isLarge, due)) return false;
    }
  }
  return true;
}

/** The nodes of a page, each to the end of the page; `undefined` if they are not within it. */
function nodesOf(page: Buffer): Buffer[] | undefined {
  const lower = page.readUInt16LE(Page.lower);
  const upper = page.readUInt16LE(Page.upper);
  const space = page.length - Page.head;
  if (lower % 2 !== 0 || lower > upper || upper > space) return undefined;
  const nodes: Buffer[] = [];
  for (let at = 0; at < lower; at += 2) {
    const offset = page.readUInt16LE(Page.head + at);
    if (offset < upper || offset + Node.key > space) return undefined;
    const node = page.subarray(Page.head + offset);
    const keySize = node.readUInt16LE(Node.keySize);
    if (keySize > mostKeySize || Node.key + keySize > node.length) return undefined;
    nodes.push(node);
  }
  return nodes;
}

function isLargeValue(head: Buffer, number: number, count: number): boolean {
  if (head.length < Page.head || Number(head.readBigUInt64LE(Page.number)) !== number) return false;
  return head.readUInt16LE(Page.flags) === PageFlag.large && head.readUInt32LE(Page.lower) === count;
}

/** Whether the data of the node is there, and pages of a large value are; adds the root of a tree to `due`. */
function leafIsWhole(node: Buffer, isLarge: (from: number, count: number) => boolean, due: number[]): boolean {
  const flags = node.readUInt16LE(Node.flags);
  if ((flags & ~(NodeFlag.large | NodeFlag.tree)) !== 0) return false;
  const data = node.subarray(Node.key + node.readUInt16LE(Node.keySize));
  if ((flags & NodeFlag.large) !== 0) {
    if (data.length < Large.count + 8) return false;
    return isLarge(Number(data.readBigUInt64LE(Large.page)), Number(data.readBigUInt64LE(Large.count)));
  }
  if (node.readUInt32LE(Node.size) > data.length) return false;
  if ((flags & NodeFlag.tree) === 0) return true;
  if (data.length < treeRoot + 8) return false;
  const root = data.readBigUInt64LE(treeRoot);
  if (root !== none) due.push(Number(root));
  return true;
}
