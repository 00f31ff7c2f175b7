// What can be done with a message: the bot's commands for messages, copy, delete. Behind its "…" button, a
// right-click, or the key for menus.
import { deleteMessage, runMenu } from "./actions.js";
import { freshId, h } from "./dom.js";
import { MESSAGE_MENU, offered } from "./slash.js";
import { on, state, tell } from "./state.js";

const EPHEMERAL = 1 << 6; // a message's flag
const TEXT_DISPLAY = 10; // a component's type
const STAFF = ["moderator", "owner"];
const EDGE = 8; // pixels that a menu keeps from the window's edge

const latest = new Map(); // messages by id, as they are now
let menu = null; // the one that is open

/** Give a message's `article` its menu. */
export function attachMenu(article, message) {
  latest.set(message.id, message);
  if (article.querySelector(":scope > .menu-button")) return;
  const button = h("button.icon.menu-button", {
    type: "button",
    "aria-label": "What to do with this message",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
    text: "⋯",
    on: { click: () => toggle(button, message.id) },
  });
  article.classList.add("has-menu");
  article.append(button);
  article.addEventListener("contextmenu", (event) => {
    if (isOfTheBrowser(event)) return;
    event.preventDefault();
    openMenu(button, message.id, placeOf(event));
  });
}

on("message", ({ what, message }) => {
  if (!latest.has(message.id)) return;
  if (what === "delete") latest.delete(message.id);
  else latest.set(message.id, message);
});
on("channel", () => {
  menu?.close(false);
  latest.clear();
});

/** What the browser's own menu is for: links, text that is selected; and whoever holds Shift wants that one. */
function isOfTheBrowser(event) {
  const selection = getSelection();
  const isSelected = !selection.isCollapsed && selection.containsNode(event.target, true);
  return event.shiftKey || isSelected || Boolean(event.target.closest("a[href], input, textarea, video, audio"));
}

/** Where the menu opens; null (at its button) where a key asked for it. */
function placeOf({ clientX, clientY, button }) {
  return button === 2 || clientX || clientY ? { x: clientX, y: clientY } : null;
}

function toggle(button, id) {
  if (menu?.button === button) menu.close();
  else openMenu(button, id, null);
}

function openMenu(button, id, place) {
  menu?.close(false);
  const message = latest.get(id);
  if (message) menu = new Menu(button, actionsOn(message), place);
}

/** Groups of entries: {title, entries: [{label, act, isDanger}]}. */
function actionsOn(message) {
  const commands = offered(MESSAGE_MENU).map(({ name, name_localized: shown }) => ({ label: shown ?? name, act: () => runMenu(message, name) }));
  const text = textOf(message);
  const own = [];
  if (text) own.push({ label: "Copy text", act: () => copy(text) });
  if (message.flags & EPHEMERAL) own.push({ label: "Dismiss message", act: () => deleteMessage(message) });
  else if (mayDelete(message)) own.push({ label: "Delete message", act: () => deleteMessage(message), isDanger: true });
  return [{ title: "Apps", entries: commands }, { title: "This message", entries: own }].filter(({ entries }) => entries.length);
}

function mayDelete(message) {
  const isStaff = STAFF.includes(state.user.role) && state.channel.guild === state.world.guild.id;
  return isStaff || message.author.id === state.user.id;
}

/** All that a message says, as it was written. */
function textOf(message) {
  return [message.content, ...displayed(message.components ?? [])].filter(Boolean).join("\n");
}

function displayed(components) {
  return components.flatMap((each) => (each.type === TEXT_DISPLAY ? [each.content] : displayed(each.components ?? [])));
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    tell("notice", "The browser did not let the text be copied.");
  }
}

class Menu {
  constructor(button, groups, place) {
    this.button = button;
    this.before = place ? document.activeElement : button;
    this.node = h("div.menu", { role: "menu", "aria-label": "This message", tabindex: "-1", on: { keydown: (event) => this.pressed(event) } }, this.groups(groups));
    this.items = [...this.node.querySelectorAll("[role=menuitem]")];
    button.setAttribute("aria-expanded", "true");
    document.body.append(this.node);
    this.put(place ?? below(button));
    this.go(0);
    this.outside = new AbortController();
    const leave = ({ target }) => {
      if (!this.node.contains(target) && !button.contains(target)) this.close(false);
    };
    for (const event of ["pointerdown", "wheel"]) addEventListener(event, leave, { capture: true, signal: this.outside.signal });
    for (const event of ["resize", "blur"]) addEventListener(event, () => this.close(false), { signal: this.outside.signal });
  }

  groups(groups) {
    if (!groups.length) return h("p", { text: "There is nothing to do with it." });
    return groups.map(({ title, entries }) => {
      const id = freshId("group");
      return h("div", { role: "group", "aria-labelledby": id }, h("p", { id, text: title }), entries.map((each) => this.item(each)));
    });
  }

  item({ label, act, isDanger }) {
    const choose = () => {
      this.close();
      act();
    };
    return h("button.plain", { type: "button", role: "menuitem", tabindex: "-1", class: isDanger ? "dangerous" : "", text: label, on: { click: choose } });
  }

  /** Where it was asked for, and wholly within the window. */
  put({ x, y }) {
    const { width, height } = this.node.getBoundingClientRect();
    const left = Math.max(EDGE, Math.min(x, innerWidth - width - EDGE));
    const top = Math.max(EDGE, Math.min(y, innerHeight - height - EDGE));
    this.node.style.setProperty("left", `${left}px`);
    this.node.style.setProperty("top", `${top}px`);
  }

  go(index) {
    const count = this.items.length;
    (this.items[(index + count) % count] ?? this.node).focus();
  }

  pressed(event) {
    const at = this.items.indexOf(document.activeElement);
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
    if (event.key in moves) this.go(moves[event.key]);
    else if (event.key === "Escape" || event.key === "Tab") this.close();
    else if (event.key.length === 1 && event.key !== " ") this.goTo(event.key, at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The next entry that begins with this letter. */
  goTo(letter, at) {
    const order = [...this.items.slice(at + 1), ...this.items.slice(0, at + 1)];
    order.find((each) => each.textContent.toLocaleLowerCase().startsWith(letter.toLocaleLowerCase()))?.focus();
  }

  close(returns = true) {
    this.outside.abort();
    this.button.setAttribute("aria-expanded", "false");
    this.node.remove();
    menu = null;
    if (returns) this.before.focus();
  }
}

function below(button) {
  const { right, bottom } = button.getBoundingClientRect();
  return { x: right - 200, y: bottom + 4 };
}
