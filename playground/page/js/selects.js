// Select menus of messages: a button that shows what is chosen, and a list of options.
import { press } from "./actions.js";
import { fill, freshId, h } from "./dom.js";
import { emoji } from "./emoji.js";
import { channels, mentionables, roles, users } from "./entities.js";

const STRING = 3;
const USER = 5;
const ROLE = 6;
const MENTIONABLE = 7;
const CHANNEL = 8;
const PLACEHOLDERS = { [USER]: "Select a user", [ROLE]: "Select a role", [MENTIONABLE]: "Select a user or a role", [CHANNEL]: "Select a channel" };
const TALLEST = 320; // pixels of the list
const GAP = 4; // pixels between the button and the list
const TYPING = 700; // milliseconds within which letters make one word

/** A select menu of a message, of any kind. */
export function select(message, component) {
  return new Select(message, component).node;
}

/** What a select menu offers: {value, label, description?, emoji?, isDefault}. */
function choicesOf(component) {
  if (component.type === STRING) return component.options.map((each) => ({ ...each, isDefault: each.default }));
  const chosen = new Set((component.default_values ?? []).map((each) => each.id));
  return entriesOf(component).map((each) => ({ ...each, isDefault: chosen.has(each.value) }));
}

function entriesOf({ type, channel_types: types }) {
  return { [USER]: users, [ROLE]: roles, [MENTIONABLE]: mentionables, [CHANNEL]: () => channels(types) }[type]();
}

class Select {
  constructor(message, component) {
    Object.assign(this, { message, component, choices: choicesOf(component) });
    this.isMultiple = component.max_values > 1;
    this.chosen = new Set(this.choices.filter((each) => each.isDefault).map((each) => each.value));
    this.before = new Set(this.chosen);
    this.active = -1;
    this.typed = "";
    this.typedAt = 0;
    this.build();
    this.show();
  }

  build() {
    const { component } = this;
    const listId = freshId("options");
    this.placeholder = component.placeholder ?? PLACEHOLDERS[component.type] ?? "Make a selection";
    this.value = h("span.select-value", { dir: "auto" });
    this.button = h("button.select-button", {
      type: "button",
      role: "combobox",
      disabled: component.disabled,
      popovertarget: listId,
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-controls": listId,
      data: { customId: component.custom_id },
      on: { keydown: (event) => this.pressed(event) },
    }, this.value, h("span.select-sign", { "aria-hidden": "true", text: "⌄" }));
    this.rows = this.choices.map((choice, index) => this.row(choice, index));
    this.list = h("div.options", {
      id: listId,
      popover: "auto",
      role: "listbox",
      "aria-label": this.placeholder,
      "aria-multiselectable": this.isMultiple ? "true" : null,
      on: { toggle: (event) => this.toggled(event.newState === "open") },
    }, this.rows.length ? this.rows : h("p.options-none", { text: "There is nothing to choose." }));
    this.node = h("div.select", { data: { key: `select ${JSON.stringify(component)}` } }, this.button, this.list);
    this.reposition = () => this.position();
  }

  row(choice, index) {
    const words = h("span.option-words", {}, h("span", { dir: "auto", text: choice.label }), choice.description && h("small", { dir: "auto", text: choice.description }));
    const props = {
      id: freshId("option"),
      role: "option",
      on: { click: () => this.choose(index), pointermove: () => this.activate(index, { scrolls: false }) },
    };
    return h("div.option", props, emoji(choice.emoji), words, h("span.option-sign", { "aria-hidden": "true", text: "✓" }));
  }

  /** Show what is chosen, in the button and in the list. */
  show() {
    const chosen = this.choices.filter((each) => this.chosen.has(each.value));
    const labels = chosen.map((each) => each.label).join(", ");
    const sign = chosen.length === 1 ? emoji(chosen[0].emoji) : null;
    fill(this.value, sign, labels || this.placeholder);
    this.value.classList.toggle("is-empty", !chosen.length);
    this.button.setAttribute("aria-label", labels ? `${this.placeholder}: ${labels}` : this.placeholder);
    const isFull = this.isMultiple && chosen.length >= this.component.max_values;
    this.rows.forEach((row, index) => {
      const isChosen = this.chosen.has(this.choices[index].value);
      row.setAttribute("aria-selected", String(isChosen));
      row.setAttribute("aria-disabled", String(isFull && !isChosen));
    });
  }

  toggled(isOpen) {
    this.button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.opened();
    else this.closed();
  }

  opened() {
    this.before = new Set(this.chosen);
    this.position();
    addEventListener("scroll", this.reposition, true);
    addEventListener("resize", this.reposition);
    const first = this.choices.findIndex((each) => this.chosen.has(each.value));
    this.activate(Math.max(first, 0));
  }

  /** A menu of several choices is sent when it is left, if it was changed and has enough of them. */
  closed() {
    removeEventListener("scroll", this.reposition, true);
    removeEventListener("resize", this.reposition);
    this.button.removeAttribute("aria-activedescendant");
    this.rows[this.active]?.classList.remove("active");
    this.active = -1;
    if (!this.isMultiple || sameMembers(this.chosen, this.before)) return;
    if (this.chosen.size < this.component.min_values) {
      this.chosen = new Set(this.before);
      this.show();
      return;
    }
    this.send();
  }

  /** Beside the button: below it, or above where there is more room. */
  position() {
    const box = this.button.getBoundingClientRect();
    const below = innerHeight - box.bottom - 2 * GAP;
    const isBelow = below >= Math.min(TALLEST, this.list.scrollHeight) || below >= box.top;
    const height = Math.min(TALLEST, (isBelow ? below : box.top) - 2 * GAP);
    const style = { left: box.left, width: box.width, "max-height": height };
    for (const [name, pixels] of Object.entries(style)) this.list.style.setProperty(name, `${pixels}px`);
    this.list.style.setProperty("top", isBelow ? `${box.bottom + GAP}px` : "auto");
    this.list.style.setProperty("bottom", isBelow ? "auto" : `${innerHeight - box.top + GAP}px`);
  }

  activate(index, { scrolls = true } = {}) {
    this.rows[this.active]?.classList.remove("active");
    this.active = index;
    const row = this.rows[index];
    if (!row) return;
    row.classList.add("active");
    this.button.setAttribute("aria-activedescendant", row.id);
    if (scrolls) row.scrollIntoView({ block: "nearest" });
  }

  choose(index) {
    const choice = this.choices[index];
    if (!choice || this.rows[index].getAttribute("aria-disabled") === "true") return;
    if (this.isMultiple) {
      if (!this.chosen.delete(choice.value)) this.chosen.add(choice.value);
      this.show();
      return;
    }
    const isTakenBack = this.chosen.has(choice.value) && this.component.min_values === 0;
    this.chosen = new Set(isTakenBack ? [] : [choice.value]);
    this.show();
    this.list.hidePopover();
    this.send();
  }

  send() {
    press(this.message, this.component, [...this.chosen]);
  }

  pressed(event) {
    const isOpen = this.list.matches(":popover-open");
    if (!isOpen) {
      if (["ArrowDown", "ArrowUp"].includes(event.key)) {
        event.preventDefault();
        this.list.showPopover();
      }
      return;
    }
    if (event.key === "Tab") {
      this.list.hidePopover();
      return;
    }
    const to = this.target(event);
    if (to !== undefined) this.activate(to);
    else if (event.key === "Enter" || event.key === " ") this.choose(this.active);
    else return;
    event.preventDefault();
  }

  /** The option that a key leads to. */
  target(event) {
    const last = this.rows.length - 1;
    const moves = {
      ArrowDown: Math.min(last, this.active + 1),
      ArrowUp: Math.max(0, this.active - 1),
      Home: 0,
      End: last,
    };
    if (event.key in moves) return moves[event.key];
    const isLetter = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
    return isLetter ? this.named(event.key, event.timeStamp) : undefined;
  }

  /** The next option whose label begins with what is being typed. */
  named(letter, at) {
    this.typed = at - this.typedAt < TYPING ? this.typed + letter : letter;
    this.typedAt = at;
    const begins = (choice) => choice.label.toLocaleLowerCase().startsWith(this.typed.toLocaleLowerCase());
    const found = this.choices.findIndex(begins);
    return found < 0 ? this.active : found;
  }
}

function sameMembers(one, other) {
  return one.size === other.size && [...one].every((each) => other.has(each));
}
