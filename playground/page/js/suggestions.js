// A list of suggestions for a text field, which keeps the focus (ARIA APG, Combobox Pattern).
import { fill, freshId, h } from "./dom.js";

const TALLEST = 240; // pixels of a list that floats
const GAP = 4; // pixels between it and its field

/** Suggestions for `input`. `node` is to be put beside it; `choose` is called with the `value` of what was picked.
 * `isEager`: the first one is picked by Enter without having been gone to. `floats`: it lies over what is around
 * the field and moves nothing, so that a click that takes the focus away still meets what it was meant for. */
export class Suggestions {
  constructor(input, { label, choose, isEager = false, floats = false }) {
    Object.assign(this, { input, choose, isEager, floats });
    this.rows = [];
    this.active = -1;
    this.list = h("ul", { id: freshId("list"), role: "listbox", "aria-label": label });
    this.words = h("p", { role: "status" });
    this.node = h("div.suggestions", { hidden: true }, this.list, this.words);
    this.node.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    input.setAttribute("role", "combobox");
    input.setAttribute("autocomplete", "off");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.list.id);
    input.setAttribute("aria-expanded", "false");
    input.addEventListener("keydown", (event) => this.pressed(event));
    if (!floats) return;
    this.node.classList.add("floats");
    this.place = () => this.put();
  }

  get isOpen() {
    return !this.node.hidden;
  }

  /** Offer these: {value, title, detail}. */
  show(items) {
    this.rows = items.map((item) => ({ item, row: this.row(item) }));
    fill(this.list, this.rows.map(({ row }) => row));
    this.list.hidden = false;
    fill(this.words);
    this.open();
    this.active = -1; // those before are gone
    this.activate(this.isEager ? 0 : -1);
  }

  /** Say something where there is nothing to offer. */
  say(sentence) {
    this.rows = [];
    fill(this.list);
    this.list.hidden = true;
    fill(this.words, sentence);
    this.open();
    this.activate(-1);
  }

  open() {
    this.node.hidden = false;
    if (this.floats) {
      this.put();
      addEventListener("scroll", this.place, true);
      addEventListener("resize", this.place);
    }
    this.input.setAttribute("aria-expanded", String(this.rows.length > 0));
  }

  hide() {
    this.node.hidden = true;
    removeEventListener("scroll", this.place, true);
    removeEventListener("resize", this.place);
    this.rows = [];
    fill(this.list);
    this.input.setAttribute("aria-expanded", "false");
    this.activate(-1);
  }

  /** Below the field, or above it where there is more room. */
  put() {
    const { left, width, top, bottom } = this.input.getBoundingClientRect();
    const room = innerHeight - bottom - 2 * GAP;
    const isBelow = room >= Math.min(TALLEST, this.node.scrollHeight) || room >= top;
    const { style } = this.node;
    style.setProperty("left", `${left}px`);
    style.setProperty("width", `${width}px`);
    style.setProperty("max-height", `${Math.min(TALLEST, (isBelow ? room : top) - GAP)}px`);
    style.setProperty("top", isBelow ? `${bottom + GAP}px` : "auto");
    style.setProperty("bottom", isBelow ? "auto" : `${innerHeight - top + GAP}px`);
  }

  row(item) {
    const props = { id: freshId("choice"), role: "option", "aria-selected": "false", on: { click: () => this.pick(item) } };
    return h("li", props, h("span.title", { dir: "auto", text: item.title }), item.detail && h("small", { dir: "auto", text: item.detail }));
  }

  activate(index) {
    this.rows[this.active]?.row.setAttribute("aria-selected", "false");
    this.active = index;
    const row = this.rows[index]?.row;
    if (!row) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    row.setAttribute("aria-selected", "true");
    this.input.setAttribute("aria-activedescendant", row.id);
    row.scrollIntoView({ block: "nearest" });
  }

  pick(item) {
    this.hide();
    this.choose(item.value);
  }

  pressed(event) {
    if (!this.isOpen || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      this.hide();
    } else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && this.rows[this.active]) {
      this.pick(this.rows[this.active].item);
    } else {
      const to = this.target(event.key);
      if (to === undefined) return;
      this.activate(to);
    }
    event.preventDefault();
    event.stopPropagation(); // it was meant for the list, not for what is around it
  }

  /** Where a key leads. Home and End are the text's own while nothing in the list is active. */
  target(key) {
    const count = this.rows.length;
    if (!count) return undefined;
    if (key === "ArrowDown") return (this.active + 1) % count;
    if (key === "ArrowUp") return this.active > 0 ? this.active - 1 : count - 1;
    if (this.active < 0) return undefined;
    return { Home: 0, End: count - 1 }[key];
  }
}
