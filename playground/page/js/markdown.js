// Discord's markdown as people see it. Whatever was written becomes text nodes; the elements around it are made
// here and nowhere else.
import { webAddress } from "./addresses.js";
import { coveredText } from "./covers.js";
import { h } from "./dom.js";
import { person, state, tell } from "./state.js";
import { parse } from "./syntax.js";
import { stamp } from "./times.js";

/** A text's elements. `users` are further people (as Discord's JSON has them) whose mentions may be named. */
export function render(text, { users = [] } = {}) {
  const fragment = document.createDocumentFragment();
  const writer = new Writer(users);
  fragment.append(...parse(String(text)).map((block) => writer.block(block)));
  return fragment;
}

/** A text's elements in a `div` that has their look. */
export function markup(text, options) {
  return h("div.markup", {}, render(text, options));
}

/** What a text says without its markers; what is covered stays so. */
export function plainText(text, { users = [] } = {}) {
  return parse(String(text)).map((block) => plainBlock(block, users)).join("\n").trim();
}

/** A link out of the page, or just its words where the address is none of the web. */
export function outward(url, words, { host } = {}) {
  if (!webAddress(url)) return h("span", { dir: "auto" }, words);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer", dir: "auto", title: host ? `Goes to ${host}` : null }, words);
}

const MOST = 400; // marked pieces of one text; what comes after them is shown without its look
const TAGS = { em: "em", strong: "strong", underline: "u", strike: "s" };
const HEADINGS = { 1: "h3", 2: "h4", 3: "h5" }; // below the page's own

class Writer {
  constructor(users) {
    this.users = users;
    this.count = 0;
  }

  block(block) {
    switch (block.type) {
      case "heading":
        return h(`${HEADINGS[block.level]}.heading-${block.level}`, { dir: "auto" }, this.inline(block.children));
      case "subtext":
        return h("div.subtext", { dir: "auto" }, this.inline(block.children));
      case "quote":
        return h("blockquote", {}, block.children.map((each) => this.block(each)));
      case "lists":
        return h("div.lists", {}, block.children.map((each) => this.list(each)));
      default:
        return h("div.paragraph", { dir: "auto" }, this.inline(block.children));
    }
  }

  list({ isOrdered, start, items }) {
    const rows = items.map((item) => h("li", { dir: "auto" }, this.inline(item.children), item.blocks.map((each) => this.list(each))));
    return h(isOrdered ? "ol" : "ul", { start: isOrdered && start !== 1 ? start : null }, rows);
  }

  inline(nodes) {
    return nodes.map((node) => this.node(node));
  }

  node(node) {
    if (node.type === "text") return node.value;
    this.count += 1;
    if (this.count > MOST) return plainNode(node, this.users);
    if (node.type in TAGS) return h(TAGS[node.type], {}, this.inline(node.children));
    switch (node.type) {
      case "code":
        return h("code", { text: node.value });
      case "pre":
        return h("pre", {}, h("code", { text: node.value, data: node.language ? { language: node.language } : {} }));
      case "spoiler":
        return coveredText(this.inline(node.children), node.source);
      case "link":
        return outward(node.url, this.inline(node.children), node);
      case "command":
        return command(node.name);
      case "time":
        return stamp(node.seconds, node.style) ?? node.source;
      case "emoji":
        return `:${node.name}:`;
      case "channel":
        return channel(node);
      default:
        return pill("span", mentioned(node, this.users));
    }
  }
}

function pill(tag, words, props = {}) {
  return h(`${tag}.mention`, props, h("bdi", { text: words }));
}

function command(name) {
  const click = () => tell("command", { name });
  return pill("button", `/${name}`, { type: "button", title: "Use this command", data: { key: `command ${name}` }, on: { click } });
}

function channel(node) {
  const known = visibleChannel(node.id);
  if (!known?.name) return pill("span", mentioned(node, []));
  const click = () => tell("visit", known);
  return pill("button", `#${known.name}`, { type: "button", title: "Go to this channel", data: { key: `channel ${node.id}` }, on: { click } });
}

function visibleChannel(id) {
  return state.world?.channels.find((each) => each.id === id && each.visible_to.includes(state.user?.id));
}

/** A mention as Discord writes it; for who and what is unknown, too. */
function mentioned({ type, id, value }, users) {
  const { world } = state;
  switch (type) {
    case "user":
      return `@${userName(id, users) ?? "unknown-user"}`;
    case "channel":
      return `#${visibleChannel(id)?.name || "unknown"}`;
    case "role": {
      const name = id === world?.guild.id ? "everyone" : world?.roles?.find((each) => each.id === id)?.name;
      return `@${name ?? "unknown-role"}`;
    }
    default:
      return value;
  }
}

function userName(id, users) {
  const known = users.find((each) => each.id === id);
  return (state.world && person(id)?.name) ?? known?.global_name ?? known?.username;
}

// Without elements ---------------------------------------------------------------------------------------------

function plainBlock(block, users) {
  if (block.type === "quote") return block.children.map((each) => plainBlock(each, users)).join("\n");
  if (block.type === "lists") return block.children.map((each) => plainList(each, users)).join("\n");
  return plain(block.children, users).replace(/\n$/, "");
}

function plainList({ items }, users) {
  const lines = items.flatMap((item) => [`• ${plain(item.children, users)}`, ...item.blocks.map((each) => plainList(each, users))]);
  return lines.join("\n");
}

function plain(nodes, users) {
  return nodes.map((node) => plainNode(node, users)).join("");
}

function plainNode(node, users) {
  switch (node.type) {
    case "text":
    case "code":
    case "pre":
      return node.value;
    case "spoiler":
      return "(spoiler)";
    case "command":
      return `/${node.name}`;
    case "time":
      return stamp(node.seconds, node.style)?.textContent ?? node.source;
    case "emoji":
      return `:${node.name}:`;
    default:
      return node.children ? plain(node.children, users) : mentioned(node, users);
  }
}
