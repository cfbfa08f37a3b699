/** The README and the pages of `docs/` as tests read them: blocks of code, tables, headings, links. @module */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.ts';

/** A document. */
export interface Page {
  /** Its path in the package, such as `docs/pools.md`. */
  readonly page: string;
  readonly text: string;
}

/** A code block. What stands after the language says what it is for. */
export interface Block {
  readonly page: string;

  /** The heading of the second level that it stands under. */
  readonly section: string;
  readonly line: number;
  readonly language: string;

  /** `file=` names the file that the block is; it stays for the blocks of its section that follow. */
  readonly file: string | undefined;

  /** TypeScript that no Node.js can run without `tsx`. */
  readonly needsTsx: boolean;

  /** The expected output: `prints=` has the line; `prints` alone means the text block that follows. */
  readonly prints: string | undefined;
  readonly code: string;
}

/** A link inside the package. */
export interface Link {
  readonly page: string;
  readonly target: string;
}

const read = (page: string): Page => ({ page, text: readFileSync(join(root, page), 'utf8') });

/** The README and the pages of `docs/`. */
export const pages: readonly Page[] = [
  read('README.md'),
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => read(`docs/${name}`)),
];

/** All blocks of all pages. */
export const blocks: readonly Block[] = pages.flatMap(blocksOf);

/** The page with this path, which may stand elsewhere in the package. */
export function pageAt(page: string): Page {
  return pages.find((other) => other.page === page) ?? read(page);
}

function blocksOf({ page, text }: Page): Block[] {
  const found: Block[] = [];
  const piece = /^## (?<heading>.*)$|^```(?<language>\w+)(?<info>.*)\n(?<code>[^]*?)^```$/gm;
  let section = '';
  for (const match of text.matchAll(piece)) {
    const { heading, language = '', info = '', code = '' } = match.groups ?? {};
    if (heading !== undefined) {
      section = heading;
      continue;
    }
    found.push({
      page,
      section,
      line: text.slice(0, match.index).split('\n').length,
      language,
      file: /file=(\S+)/.exec(info)?.[1],
      needsTsx: / tsx\b/.test(info),
      prints: / prints(?:=(.*))?$/.exec(info)?.[1] ?? (info.endsWith(' prints') ? '' : undefined),
      code,
    });
  }
  return found.map((block, index) => ({
    ...block,
    prints: block.prints === '' ? outputAt(found, index + 1, block) : block.prints,
  }));
}

/** The text of the output block at `index`, which has to be there. */
function outputAt(all: readonly Block[], index: number, { page, line }: Block): string {
  const block = all[index];
  if (block?.language !== 'text' || block.file !== undefined) throw new Error(`No output after ${page}:${line}`);
  return block.code;
}

/** The block after this one, if it stands in the same section. */
export function blockAfter(block: Block): Block | undefined {
  return neighbour(block, 1);
}

/** The block before this one, if it stands in the same section. */
export function blockBefore(block: Block): Block | undefined {
  return neighbour(block, -1);
}

function neighbour(block: Block, step: number): Block | undefined {
  const other = blocks[blocks.indexOf(block) + step];
  return other && inSectionOf(block)(other) ? other : undefined;
}

/** Whether a block stands in the section of this one. */
export function inSectionOf({ page, section }: Block): (other: Block) => boolean {
  return (other) => other.page === page && other.section === section;
}

/** The cells of the first table under a heading, without its head. */
export function tableRows(page: string, heading: string): string[][] {
  const [, section = ''] = new RegExp(`^## ${heading}\n([^]*?)(?=^## |(?![^]))`, 'm').exec(pageAt(page).text) ?? [];
  const [table = ''] = /(?:^\|.*\n)+/m.exec(section) ?? [];
  const lines = table.trimEnd().split('\n');
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

/** The fragments for links to this page, as GitHub makes them of the headings. */
export function anchors({ text }: Page): string[] {
  const seen = new Map<string, number>();
  return [...prose(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
}

/** The links and pictures of a page that lead to files or headings. */
export function linksOf({ page, text }: Page): Link[] {
  return [...prose(text).matchAll(/\]\(([^)\s]*)\)/g)]
    .map(([, target = '']) => ({ page, target }))
    .filter(({ target }) => !/^[a-z]+:/.test(target));
}

/** A text without its blocks and pieces of code. */
function prose(text: string): string {
  return text
    .replaceAll(/^```[^]*?^```$/gm, '')
    .replaceAll(/(`+)[^`]+?\1(?!`)/g, (code) => code.replaceAll(/[[\](){}]/g, ''));
}
