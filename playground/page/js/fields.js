// A labelled field around a control: what it is, whether it is required, and what is wrong with it.
import { fill, freshId, h } from "./dom.js";

/** `remove` is called when somebody takes the field away again; without it, nobody can. */
export class Field {
  constructor(control, { label, about = "", isRequired = false, remove = null, data = {} }) {
    Object.assign(this, { control, isRequired });
    const { target } = control;
    const labelId = freshId("label");
    const aboutId = freshId("about");
    const errorId = freshId("error");
    const name = h(target ? "label.name" : "span.name", { id: labelId, for: target?.id, dir: "auto", text: label });
    const markId = freshId("required");
    const mark = isRequired && h("small.required", { id: markId, "aria-hidden": "true", text: "required" });
    const drop = remove && h("button.icon.plain", { type: "button", "aria-label": `Remove ${label}`, text: "✕", on: { click: remove } });
    const details = about && h("p.about", { id: aboutId, dir: "auto", text: about });
    this.error = h("p.error", { id: errorId });
    this.node = h("div.field", { data }, h("div.head", {}, name, mark, details, drop), control.node, this.error);
    const labelled = target ?? control.node;
    if (!target) {
      control.node.setAttribute("role", "group");
      control.node.setAttribute("aria-labelledby", labelId);
    } else if (isRequired) {
      target.setAttribute("aria-required", "true");
    }
    const describing = [isRequired && !target && markId, about && aboutId, errorId];
    labelled.setAttribute("aria-describedby", describing.filter(Boolean).join(" "));
    for (const event of ["input", "change"]) this.node.addEventListener(event, () => this.say(""));
  }

  /** {value}, {} or {error}, as the control has it; an error is shown. */
  read() {
    const found = this.control.read();
    const isMissing = this.isRequired && !("value" in found) && !found.error;
    const read = isMissing ? { error: "This is required." } : found;
    this.say(read.error ?? "");
    return read;
  }

  say(sentence) {
    fill(this.error, sentence);
    this.node.classList.toggle("wrong", Boolean(sentence));
    const { target } = this.control;
    if (sentence) target?.setAttribute("aria-invalid", "true");
    else target?.removeAttribute("aria-invalid");
  }

  focus() {
    this.control.focus();
  }
}

/** Go to the first required field that is empty still, if there is one. */
export function goOn(fields) {
  [...fields.values()].find(({ isRequired, control }) => isRequired && control.isEmpty)?.focus();
}

/** Read all fields by their keys: their values, or null with the errors shown and the first wrong one focused. */
export async function gather(fields) {
  await Promise.all([...fields.values()].map((each) => each.control.ready()));
  const values = {};
  let wrong = null;
  for (const [key, field] of fields) {
    const { value, error } = field.read();
    if (error) wrong ??= field;
    else if (value !== undefined) values[key] = value;
  }
  wrong?.focus();
  return wrong ? null : values;
}
