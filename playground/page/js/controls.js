// What people fill in, one kind of value each. All have `node`; `target`, the element that is labelled, or null
// for a group; `read()`, which gives {value}, {} where nothing was filled in, or {error: sentence}; and `focus()`.
// `ready()` waits until it can be read, `close()` ends it.
import { freshId, h } from "./dom.js";
import { Picker } from "./picker.js";

const NEAR = 0.8; // of the allowed length, from where on it is counted

/** Characters as Discord counts them. */
function lengthOf(text) {
  return [...text].length;
}

/** Make a textarea as tall as its text. */
export function growing(area) {
  const grow = () => {
    area.style.setProperty("height", "auto");
    area.style.setProperty("height", `${area.scrollHeight + 2}px`); // with its border
  };
  area.addEventListener("input", grow);
  requestAnimationFrame(grow);
  return grow;
}

export class Control {
  constructor(node, target) {
    Object.assign(this, { node, target });
  }

  focus() {
    this.target.focus();
  }

  /** Whether nothing was filled in yet. */
  get isEmpty() {
    const found = this.read();
    return !("value" in found) && !found.error;
  }

  async ready() {}

  close() {}
}

/** Text. `rows` is what it takes at first; of 1, Enter is the form's and there are no new lines. */
export class TextControl extends Control {
  constructor({ low = 0, high = Infinity, rows = 1, value = "", placeholder = "" }) {
    const area = h("textarea", { id: freshId("text"), rows, value, placeholder: placeholder || null, autocomplete: "off" });
    const counter = h("small.counter", { "aria-hidden": "true" });
    super(h("div.text", {}, area, counter), area);
    Object.assign(this, { low, high, counter, isOneLine: rows === 1 });
    area.addEventListener("input", () => this.changed());
    area.addEventListener("keydown", (event) => this.pressed(event));
    growing(area);
    this.changed();
  }

  changed() {
    const { target: area, counter, high } = this;
    if (this.isOneLine && /[\r\n]/.test(area.value)) area.value = area.value.replace(/[\r\n]+/g, " "); // as pasted into one line
    const length = lengthOf(area.value);
    counter.hidden = length < high * NEAR;
    counter.textContent = `${length} / ${high}`;
    counter.classList.toggle("over", length > high);
  }

  pressed(event) {
    if (!this.isOneLine || event.key !== "Enter" || event.defaultPrevented || event.isComposing) return;
    event.preventDefault();
    this.target.form.requestSubmit();
  }

  read() {
    const { value } = this.target;
    return value ? checkedText(value, this.low, this.high) : {};
  }
}

/** A text, if its length is right. */
export function checkedText(value, low = 0, high = Infinity) {
  const length = lengthOf(value);
  if (length > high) return { error: `At most ${high} characters; these are ${length}.` };
  if (length < low) return { error: `At least ${low} ${low === 1 ? "character" : "characters"}; ${length === 1 ? "this is" : "these are"} ${length}.` };
  return { value };
}

/** A number that is written as a text, if it is in its range. */
export function checkedNumber(text, { isWhole, low, high }) {
  const written = text.trim().replace(",", ".");
  const isNumber = (isWhole ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)$/).test(written);
  const value = Number(written);
  const isIn = value >= (low ?? Number.MIN_SAFE_INTEGER) && value <= (high ?? Number.MAX_SAFE_INTEGER);
  if (isNumber && isIn) return { value };
  return { error: `Give ${isWhole ? "a whole number" : "a number"}${inWords(low, high)}.` };
}

function inWords(low, high) {
  if (low !== undefined && high !== undefined) return ` from ${low} to ${high}`;
  if (low !== undefined) return ` of at least ${low}`;
  return high === undefined ? "" : ` of at most ${high}`;
}

/** A number: a text field, so that what is no number can be seen and said. */
export class NumberControl extends Control {
  constructor({ isWhole, low, high }) {
    const placeholder = low !== undefined && high !== undefined ? `${low} – ${high}` : "";
    const props = { id: freshId("number"), type: "text", inputmode: isWhole && low >= 0 ? "numeric" : "decimal", placeholder: placeholder || null, autocomplete: "off" };
    const input = h("input.number", props);
    super(input, input);
    this.range = { isWhole, low, high };
  }

  read() {
    return this.target.value.trim() ? checkedNumber(this.target.value, this.range) : {};
  }
}

/** One of some choices: {value, label, isDefault}; values may be of any type. */
export class ChoiceControl extends Control {
  constructor({ choices, placeholder = "Choose…" }) {
    const chosen = choices.findIndex((each) => each.isDefault);
    const none = h("option", { value: "", text: choices.length ? placeholder : "There is nothing to choose" });
    const options = choices.map(({ label }, index) => h("option", { value: index, text: label, selected: index === chosen }));
    const select = h("select", { id: freshId("choice") }, none, options);
    super(select, select);
    this.choices = choices;
  }

  read() {
    const { value } = this.target;
    return value === "" ? {} : { value: this.choices[Number(value)].value };
  }
}

/** Several choices, or one of few with their descriptions: boxes to tick, or dots where only one can be. */
export class ManyControl extends Control {
  constructor({ choices, low = 1, high = choices.length, isOne = false }) {
    const name = freshId("many");
    const rows = choices.map((each) => {
      const box = h("input", { type: isOne ? "radio" : "checkbox", name, checked: each.isDefault });
      const words = h("span", {}, h("span", { dir: "auto", text: each.label }), each.description && h("small", { dir: "auto", text: each.description }));
      return { box, value: each.value, row: h("label", {}, box, words) };
    });
    const none = choices.length ? null : h("p", { text: "There is nothing to choose." });
    super(h("div.many", { on: { change: () => this.changed() } }, rows.map(({ row }) => row), none), null);
    Object.assign(this, { rows, low, high, isOne });
    this.changed();
  }

  /** As many as may be: the others wait until one is taken back. */
  changed() {
    if (this.isOne) return;
    const isFull = this.rows.filter(({ box }) => box.checked).length >= this.high;
    for (const { box } of this.rows) box.disabled = isFull && !box.checked;
  }

  focus() {
    (this.rows.find(({ box }) => box.checked) ?? this.rows[0])?.box.focus();
  }

  read() {
    const values = this.rows.filter(({ box, value }) => box.checked && value !== null).map(({ value }) => value);
    if (!values.length) return {};
    return values.length < this.low ? { error: `Choose at least ${this.low}.` } : { value: values };
  }
}

/** Yes or no, where a box that is not ticked is an answer, too. */
export class TickControl extends Control {
  constructor({ isTicked }) {
    const box = h("input", { id: freshId("tick"), type: "checkbox", checked: isTicked });
    super(box, box);
  }

  read() {
    return { value: this.target.checked };
  }
}

/** Files: the ids of what was uploaded. */
export class FilesControl extends Control {
  constructor({ low = 1, high = 1, changed, chosen }) {
    const picker = new Picker({ max: high, changed, chosen });
    super(picker.node, null);
    Object.assign(this, { picker, low });
  }

  focus() {
    this.picker.focus();
  }

  get isEmpty() {
    return this.picker.isEmpty; // what is being uploaded is there
  }

  async ready() {
    await this.picker.ready();
  }

  close() {
    this.picker.close();
  }

  read() {
    const { ids } = this.picker;
    if (!ids.length) return {};
    return ids.length < this.low ? { error: `Choose at least ${this.low} files.` } : { value: ids };
  }
}
