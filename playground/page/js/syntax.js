// Discord's markdown as a tree: headings, subtext, quotes and lists, with what inline.js finds in them.
import { beginsBlock, parseLine, parseParagraph } from "./inline.js";

const HEADING = / *(#{1,3}) +(?=\S)([^\n]*)/y;
const BLANK = /\n*/y;
const SUBTEXT = / *-# +(?=\S)([^\n]*)/y;
const ITEM = /( *)([-*]|\d{1,9}\.) +(?=\S)([^\n]*)/y;
const LONG_QUOTE = / *>>> /y;
const QUOTE_LINE = / *> ([^\n]*)/y;
const INDENTED = / {2,}\S[^\n]*/y;
const DEEPEST = 10; // levels of a list, as people see them

/** The tree of a text: a list of blocks, each {type, …}. */
export function parse(source, { inQuote = false } = {}) {
  const given = source.replace(/\r\n?/g, "\n");
  const blocks = [];
  for (let at = 0; at < given.length; ) {
    const [block, end] = blockAt(given, at, inQuote);
    blocks.push(block);
    at = end;
  }
  return blocks;
}

function blockAt(source, at, inQuote) {
  const isBlock = beginsBlock(source, at, inQuote);
  return (isBlock && (heading(source, at) ?? subtext(source, at) ?? (inQuote ? null : quote(source, at)) ?? list(source, at))) || paragraph(source, at, inQuote);
}

function paragraph(source, at, inQuote) {
  const { nodes, end } = parseParagraph(source, at, { inQuote });
  return [{ type: "paragraph", children: nodes }, end];
}

function heading(source, at) {
  const found = match(HEADING, source, at);
  if (!found) return null;
  const [whole, signs, rest] = found;
  const words = withoutClosingSigns(rest.trim()) || rest;
  const blank = match(BLANK, source, at + whole.length)[0];
  return [{ type: "heading", level: signs.length, children: parseLine(words) }, at + whole.length + blank.length];
}

/** `# Title ##` is the same as `# Title`. */
function withoutClosingSigns(words) {
  let end = words.length;
  while (words[end - 1] === "#") end -= 1;
  return words.slice(0, end).trimEnd();
}

function subtext(source, at) {
  const found = match(SUBTEXT, source, at);
  return found && [{ type: "subtext", children: parseLine(found[1].trimEnd()) }, at + found[0].length + 1];
}

/** Lines that begin with `> `, or all the rest after `>>> `. A quote holds none itself. */
function quote(source, at) {
  const long = match(LONG_QUOTE, source, at);
  if (long) return [quoted(source.slice(at + long[0].length)), source.length];
  const lines = [];
  let end = at;
  for (let line = match(QUOTE_LINE, source, end); line; line = match(QUOTE_LINE, source, end)) {
    lines.push(line[1]);
    end += line[0].length + 1;
  }
  return lines.length ? [quoted(lines.join("\n")), end] : null;
}

function quoted(inside) {
  return { type: "quote", children: parse(inside, { inQuote: true }) };
}

/** Items line by line; the deeper one is indented, the deeper is its list. */
function list(source, at) {
  const top = [];
  const levels = []; // the lists that are open, outermost first: {indent, list}
  let end = at;
  for (let item = match(ITEM, source, end); item; item = match(ITEM, source, end)) {
    end += item[0].length + 1;
    let words = item[3];
    for (let more = continued(source, end); more; more = continued(source, end)) {
      words += `\n${more.trim()}`;
      end += more.length + 1;
    }
    place(levels, top, item, { blocks: [], children: parseLine(words) });
  }
  return top.length ? [{ type: "lists", children: top }, end] : null;
}

function continued(source, at) {
  return beginsBlock(source, at, true) ? null : match(INDENTED, source, at)?.[0];
}

/** Put an item into the list of its indentation, which is begun where there is none. */
function place(levels, top, [, { length: indent }, sign], item) {
  const isOrdered = sign.endsWith(".");
  while (levels.length && levels.at(-1).indent > indent) levels.pop();
  const level = levels.at(-1);
  const isDeeper = level && indent >= level.indent + 2 && levels.length < DEEPEST;
  if (level && !isDeeper && level.list.isOrdered === isOrdered) {
    level.list.items.push(item);
    return;
  }
  const fresh = { type: "list", isOrdered, start: isOrdered ? Number.parseInt(sign, 10) : null, items: [item] };
  if (level && !isDeeper) levels.pop();
  const around = levels.at(-1);
  (around ? around.list.items.at(-1).blocks : top).push(fresh);
  levels.push({ indent, list: fresh });
}

function match(pattern, source, at) {
  pattern.lastIndex = at;
  return pattern.exec(source);
}
