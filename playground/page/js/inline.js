// Discord's markdown inside a line or a paragraph: text in, a tree out. No elements are made here.
//
// Markers are paired in one pass with a stack of those that are open, so that any text takes time in proportion
// to its length. Nodes are {type, …}; those that hold others have `children`.
import { bareAddress, linkTarget, webAddress } from "./addresses.js";

const SPECIAL = /[\\`*_~|[<@\n]|https?:\/\//g;
const BLOCK_START = / *(?:#{1,3} +\S|-# +\S|(?:[-*]|\d{1,9}\.) +\S)/y;
const QUOTE_START = / *>(?:>>)? /y;
const WORD = /\w/;
const SPACE = /\s/;
const LONGEST_RUN = 6; // more of one marker in a row are nothing but characters

const MARKERS = {
  "*": { 1: "em", 2: "strong" },
  _: { 1: "em", 2: "underline" },
  "~": { 2: "strike" },
  "|": { 2: "spoiler" },
};

const ANGLED = [
  [/<@!?(\d{1,20})>/y, ([, id]) => ({ type: "user", id })],
  [/<#(\d{1,20})>/y, ([, id]) => ({ type: "channel", id })],
  [/<@&(\d{1,20})>/y, ([, id]) => ({ type: "role", id })],
  [/<\/([^\s:>][^:>\n]{0,99}):\d{1,20}>/y, ([, name]) => ({ type: "command", name })],
  [/<a?:(\w{2,32}):\d{1,20}>/y, ([, name]) => ({ type: "emoji", name })],
  [/<t:(-?\d{1,13})(?::([tTdDfFsSR]))?>/y, ([source, seconds, style]) => ({ type: "time", seconds: Number(seconds), style: style ?? "f", source })],
  [/<(https?:\/\/[^\s<>]{1,2048})>/y, ([, url]) => (webAddress(url) ? { type: "link", url, children: [text(url)] } : null)],
];

/** The tree of a text whose lines are of one kind, such as a heading's or a list item's. */
export function parseLine(source) {
  return new Inline(source).parse(0).nodes;
}

/** The tree from `start` to where a heading, a list, a quote or the like begins, and where that is. */
export function parseParagraph(source, start, { inQuote }) {
  return new Inline(source, { stops: true, inQuote }).parse(start);
}

/** Whether a heading, subtext, a list or a quote begins at this start of a line. */
export function beginsBlock(source, at, inQuote) {
  BLOCK_START.lastIndex = at;
  QUOTE_START.lastIndex = at;
  return BLOCK_START.test(source) || (!inQuote && QUOTE_START.test(source));
}

const text = (value) => ({ type: "text", value });

class Inline {
  constructor(source, { stops = false, inQuote = false, links = true } = {}) {
    Object.assign(this, { source, stops, inQuote, links });
    this.nodes = [];
    this.open = []; // {mark, count, literal, at: index of its text node, start: where its content begins}
    this.unclosed = new Set(); // lengths of backtick runs that no later run closes
    this.brackets = null;
  }

  parse(start) {
    const { source } = this;
    let at = start;
    while (at < source.length) {
      SPECIAL.lastIndex = at;
      const found = SPECIAL.exec(source);
      const next = found ? found.index : source.length;
      this.write(source.slice(at, next));
      if (!found) return { nodes: this.nodes, end: source.length };
      if (this.stops && source[next] === "\n" && beginsBlock(source, next + 1, this.inQuote)) {
        this.keepBlankLine();
        return { nodes: this.nodes, end: next + 1 };
      }
      at = this.special(next);
    }
    return { nodes: this.nodes, end: at };
  }

  /** Read what begins at a special character; where it ends. */
  special(at) {
    const { source } = this;
    const mark = source[at];
    if (mark in MARKERS) return this.run(at, mark);
    const read = { "\\": this.escaped, "`": this.code, "[": this.maskedLink, "<": this.angled, "@": this.everyone, h: this.bareLink }[mark];
    const end = read?.call(this, at);
    if (end) return end;
    this.write(mark);
    return at + 1;
  }

  /** An empty line before a block is shown: the last newline of an element alone would not be. */
  keepBlankLine() {
    const last = this.nodes.at(-1);
    if (!last || (last.type === "text" && last.value.endsWith("\n"))) this.write("\n");
  }

  write(value) {
    if (!value) return;
    const last = this.nodes.at(-1);
    if (last?.type === "text" && !last.isMarker) last.value += value;
    else this.nodes.push(text(value));
  }

  escaped(at) {
    const next = this.source[at + 1];
    if (!next || /[0-9A-Za-z\s]/.test(next)) return null;
    const character = String.fromCodePoint(this.source.codePointAt(at + 1));
    this.write(character);
    return at + 1 + character.length;
  }

  // Markers ----------------------------------------------------------------------------------------------------

  /** A run of one marker: it closes what it can, and what is left of it may open something. */
  run(at, mark) {
    const { source } = this;
    let end = at;
    while (source[end] === mark) end += 1;
    let left = end - at;
    if (left > LONGEST_RUN) {
      this.write(source.slice(at, end));
      return end;
    }
    const closesEm = mark === "_" ? !WORD.test(source[end] ?? " ") : !SPACE.test(source[at - 1] ?? " ");
    while (left) {
      const size = this.closed(mark, left, closesEm, end - left);
      if (!size) break;
      left -= size;
    }
    if (left) this.opened(mark, left, end - left, end);
    return end;
  }

  /** Close the innermost that `left` markers can close; how many markers that took. */
  closed(mark, left, closesEm, at) {
    for (let index = this.open.length - 1; index >= 0; index -= 1) {
      const opener = this.open[index];
      if (opener.mark !== mark || opener.at === this.nodes.length - 1) continue;
      const size = sizeOfPair(mark, opener.count, left, closesEm);
      if (!size) continue;
      this.wrap(index, opener, size, at);
      return size;
    }
    return 0;
  }

  wrap(index, opener, size, at) {
    const children = this.nodes.splice(opener.at + 1);
    opener.count -= size;
    this.open.length = opener.count ? index + 1 : index;
    const unused = opener.literal + opener.mark.repeat(opener.count);
    if (unused) this.nodes[opener.at].value = unused;
    else this.nodes.pop();
    const node = { type: MARKERS[opener.mark][size], children };
    if (node.type === "spoiler") node.source = this.source.slice(opener.start, at);
    this.nodes.push(node);
  }

  opened(mark, count, start, end) {
    const isEm = count % 2 === 1 && 1 in MARKERS[mark];
    if (isEm && mark === "*" && count === 1 && SPACE.test(this.source[end] ?? " ")) return this.write(mark);
    if (count === 1 && !isEm) return this.write(mark);
    if (isEm) this.forgetEm(mark);
    this.nodes.push({ ...text(mark.repeat(count)), isMarker: true });
    this.open.push({ mark, count, start: start + count, at: this.nodes.length - 1, literal: "" });
    return undefined;
  }

  /** Emphasis holds none of its own kind: the later opener counts, the earlier one is a character. */
  forgetEm(mark) {
    for (const opener of this.open) {
      if (opener.mark !== mark || opener.count % 2 === 0) continue;
      opener.count -= 1;
      opener.literal += mark;
    }
    this.open = this.open.filter((each) => each.count);
  }

  // Code -------------------------------------------------------------------------------------------------------

  code(at) {
    const { source } = this;
    let end = at;
    while (source[end] === "`") end += 1;
    const length = end - at;
    if (length >= 3) {
      const block = this.fence(at);
      if (block) return block;
    }
    if (length > 2 || this.unclosed.has(length)) return this.literal(at, end);
    const close = this.closingRun(end, length);
    if (close < 0) {
      this.unclosed.add(length);
      return this.literal(at, end);
    }
    this.nodes.push({ type: "code", value: source.slice(end, close) });
    return close + length;
  }

  literal(at, end) {
    this.write(this.source.slice(at, end));
    return end;
  }

  /** Where the next run of exactly so many backticks begins; -1 where there is none. */
  closingRun(from, length) {
    const { source } = this;
    for (let at = source.indexOf("`", from); at >= 0; ) {
      let end = at;
      while (source[end] === "`") end += 1;
      if (end - at === length) return at;
      at = source.indexOf("`", end);
    }
    return -1;
  }

  fence(at) {
    const { source } = this;
    if (this.unclosed.has("fence")) return null;
    const close = source.indexOf("```", at + 3);
    if (close < 0) {
      this.unclosed.add("fence");
      return null;
    }
    const inside = source.slice(at + 3, close);
    if (!inside.trim()) return null;
    const [named, language] = /^([\w+\-.#]{1,40})\n(?=\s*\S)/.exec(inside) ?? ["", null];
    const value = inside.slice(named.length).replace(/^\n+/, "").trimEnd();
    this.nodes.push({ type: "pre", language, value });
    const end = close + 3;
    return source[end] === "\n" && !(this.stops && beginsBlock(source, end + 1, this.inQuote)) ? end + 1 : end;
  }

  // Links and mentions -------------------------------------------------------------------------------------------

  maskedLink(at) {
    if (!this.links) return null;
    const { source } = this;
    this.brackets ??= pairedBrackets(source);
    const close = this.brackets.get(at);
    if (close === undefined || source[close + 1] !== "(") return null;
    const target = linkTarget(source, close + 1);
    const label = source.slice(at + 1, close);
    if (!target || !label.trim() || /https?:\/\//.test(label)) return null; // a label cannot pose as an address
    const children = new Inline(label, { links: false }).parse(0).nodes;
    this.nodes.push({ type: "link", url: target.url.href, host: target.url.host, children });
    return close + 1 + target.length;
  }

  bareLink(at) {
    if (!this.links) return null;
    const found = bareAddress(this.source, at);
    if (!found) return null;
    this.nodes.push({ type: "link", url: found, children: [text(found)] });
    return at + found.length;
  }

  angled(at) {
    if (!"@#/:ath".includes(this.source[at + 1] ?? "-")) return null;
    for (const [pattern, make] of ANGLED) {
      pattern.lastIndex = at;
      const found = pattern.exec(this.source);
      const node = found && make(found);
      if (node && (this.links || node.type !== "link")) {
        this.nodes.push(node);
        return at + found[0].length;
      }
    }
    return null;
  }

  everyone(at) {
    const word = ["@everyone", "@here"].find((each) => this.source.startsWith(each, at));
    if (!word) return null;
    this.nodes.push({ type: "everyone", value: word });
    return at + word.length;
  }
}

/** How many markers close together, of those open and those at hand: two before one, and one only if odd. */
function sizeOfPair(mark, opened, left, closesEm) {
  if (opened >= 2 && left >= 2) return 2;
  const canEm = 1 in MARKERS[mark] && closesEm;
  return canEm && opened % 2 === 1 && left % 2 === 1 ? 1 : 0;
}

/** Each opening square bracket with its closing one. */
function pairedBrackets(source) {
  const pairs = new Map();
  const open = [];
  for (let at = 0; at < source.length; at += 1) {
    if (source[at] === "\\") at += 1;
    else if (source[at] === "[") open.push(at);
    else if (source[at] === "]" && open.length) pairs.set(open.pop(), at);
  }
  return pairs;
}
