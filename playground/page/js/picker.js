// Files to send along: chosen, dropped, pasted, or one of the sample pictures; uploaded as soon as they are there.
import * as api from "./api.js";
import { fill, freshId, h } from "./dom.js";
import { readableSize } from "./media.js";
import { state } from "./state.js";

/** Pictures that the playground brings along, in /page/samples. */
export const SAMPLES = [
  { name: "landscape.jpg", alt: "A lake with a sailing boat, mountains, a red house and a cat" },
  { name: "cat.jpg", alt: "A ginger cat on a window sill, looking out, with tulips and a ball of wool" },
  { name: "harbour.jpg", alt: "A harbour in the evening with boats below a lighthouse on a cliff" },
  { name: "fruit.jpg", alt: "Fruit in a bowl on a table, with a jug, in the light of a window" },
];
const USUAL_LIMIT = 10 * 1024 * 1024; // bytes

const takers = new Set(); // what takes dropped and pasted files

/** Why Discord's client would not take a file; nothing if it would. */
function refusalOf(file) {
  const limit = state.world?.attachment_size_limit ?? USUAL_LIMIT;
  return file.size > limit ? `${file.name} is too large: a file may have ${readableSize(limit)} at most.` : "";
}

/** A field for up to `max` files. `changed` is called whenever there are others, `chosen` when one was just added. */
export class Picker {
  constructor({ max = 1, describedBy = null, changed = () => {}, chosen = () => {} } = {}) {
    Object.assign(this, { max, changed, chosen });
    this.entries = []; // {file, attachment, item, done}
    this.build(describedBy);
    this.leave = takeFiles(this);
    this.show();
  }

  build(describedBy) {
    const words = this.max > 1 ? "Drop files here, paste them, or" : "Drop a file here, paste it, or";
    this.input = h("input.unseen", {
      id: freshId("file"),
      type: "file",
      multiple: this.max > 1,
      "aria-describedby": describedBy,
      on: { change: () => this.fromInput() },
    });
    this.zone = h("label.drop", { for: this.input.id }, this.input, h("span", {}, `${words} `, h("u", { text: this.max > 1 ? "choose some" : "choose one" })));
    this.samples = h("div.samples", { role: "group", "aria-label": "Sample pictures" }, SAMPLES.map((each) => this.sample(each)));
    this.list = h("ul.picked", { "aria-label": "Chosen files" });
    this.problem = h("p.problem", { role: "alert" });
    this.told = h("p.unseen", { role: "status" });
    this.node = h("div.picker", {}, this.list, this.zone, this.samples, this.problem, this.told);
  }

  sample({ name, alt }) {
    const picture = h("img", { src: `/page/samples/${name}`, alt, width: 64, height: 48 });
    const button = h("button", { type: "button", title: alt, on: { click: () => this.takeSample(name) } }, picture);
    picture.addEventListener("error", () => { button.hidden = true; });
    return button;
  }

  /** Ids of what is uploaded, in order. */
  get ids() {
    return this.entries.filter((each) => each.attachment).map((each) => each.attachment.id);
  }

  get isEmpty() {
    return !this.entries.length;
  }

  /** Whether dropped and pasted files can go here. */
  get isOpen() {
    return this.node.isConnected && this.node.checkVisibility();
  }

  /** Wait until nothing is being uploaded any more. */
  async ready() {
    await Promise.all(this.entries.map((each) => each.done));
  }

  focus() {
    (this.zone.hidden ? this.list.querySelector("button") : this.input).focus();
  }

  clear() {
    for (const entry of [...this.entries]) this.remove(entry);
    this.say("");
  }

  /** Take no more files; the field is gone. */
  close() {
    this.leave();
    this.clear();
  }

  fromInput() {
    const files = [...this.input.files];
    this.input.value = ""; // the same one can be chosen again
    this.take(files);
  }

  async takeSample(name) {
    try {
      const answer = await fetch(`/page/samples/${name}`);
      const picture = await answer.blob();
      this.take([new File([picture], name, { type: picture.type })]);
    } catch {
      this.say("The playground is not there.");
    }
  }

  /** Begin to upload files, as far as there is room for them; a field for one file has it replaced. */
  take(files) {
    if (!files.length) return;
    const hadFocus = this.node.contains(document.activeElement);
    const fit = files.filter((file) => !refusalOf(file));
    if (this.max === 1 && fit.length) this.clear();
    const room = this.max - this.entries.length;
    const sentences = files.map(refusalOf);
    if (fit.length > room) sentences.push(this.max === 1 ? "One file goes here: the first one was taken." : `At most ${this.max} files go here.`);
    this.say(sentences.filter(Boolean).join(" "));
    const added = fit.slice(0, room).map((file) => this.add(file));
    if (!added.length) return;
    this.show();
    this.changed();
    if (hadFocus) added.at(-1).item.querySelector("button").focus();
    this.chosen();
  }

  add(file) {
    const entry = { file, attachment: null };
    const address = URL.createObjectURL(file);
    const about = h("small", { text: "Uploading…" });
    const drop = h("button.icon", { type: "button", "aria-label": `Remove ${file.name}`, text: "✕", on: { click: () => this.taken(entry) } });
    entry.item = h("li", { "aria-busy": "true" }, preview(file, address), h("span.words", {}, h("bdi", { text: file.name }), about), drop);
    entry.forget = () => URL.revokeObjectURL(address);
    entry.done = this.upload(entry, about);
    this.entries.push(entry);
    this.list.append(entry.item);
    fill(this.told, `Uploading ${file.name}`);
    return entry;
  }

  async upload(entry, about) {
    const { file } = entry;
    try {
      const attachment = await api.upload(file);
      if (!this.entries.includes(entry)) return; // removed meanwhile
      entry.attachment = attachment;
      entry.item.removeAttribute("aria-busy");
      about.textContent = readableSize(file.size);
      fill(this.told, `${file.name} is there.`);
      this.changed();
    } catch (error) {
      if (!(error instanceof api.Refusal)) throw error;
      if (!this.entries.includes(entry)) return;
      this.taken(entry);
      this.say(error.message);
    }
  }

  /** Somebody took a file out, or it could not be uploaded. */
  taken(entry) {
    const hadFocus = entry.item.contains(document.activeElement);
    this.remove(entry);
    if (hadFocus) this.focus();
  }

  remove(entry) {
    entry.forget();
    entry.item.remove();
    this.entries.splice(this.entries.indexOf(entry), 1);
    fill(this.told);
    this.show();
    this.changed();
  }

  show() {
    const isFull = this.entries.length >= this.max;
    this.zone.hidden = isFull;
    this.samples.hidden = isFull;
    this.list.hidden = this.isEmpty;
  }

  say(sentence) {
    this.problem.textContent = sentence;
  }
}

function preview(file, address) {
  const sign = h("span.sign", { "aria-hidden": "true", text: "📄" });
  if (!file.type.startsWith("image/")) return sign;
  const picture = h("img", { src: address, alt: "" });
  picture.addEventListener("error", () => picture.replaceWith(sign)); // of a kind that browsers do not show
  return picture;
}

// Dropping and pasting -------------------------------------------------------------------------------------------

/** Have a taker ({node, isOpen, isEmpty, take(files)}) get what is dropped and pasted while it is open; what this
 * returns ends it. What is dropped onto a taker is its own; all else goes to the first that is empty. */
export function takeFiles(taker) {
  takers.add(taker);
  return () => takers.delete(taker);
}

function takerAt(target) {
  const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
  const open = [...takers].filter((each) => each.isOpen && (!dialog || dialog.contains(each.node)));
  const own = open.filter((each) => each.node.contains(target));
  const innermost = own.find((each) => own.every((other) => other.node.contains(each.node)));
  return innermost ?? open.find((each) => each.isEmpty) ?? open.at(-1);
}

function mark(taker) {
  for (const each of takers) each.node.classList.toggle("dropping", each === taker);
}

function hasFiles(transfer) {
  return Boolean(transfer?.types.includes("Files"));
}

document.addEventListener("dragover", (event) => {
  if (!hasFiles(event.dataTransfer)) return;
  event.preventDefault(); // also where nobody takes it: the browser would leave the page for the file
  const taker = takerAt(event.target);
  event.dataTransfer.dropEffect = taker ? "copy" : "none";
  mark(taker);
});

document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) mark(null);
});

document.addEventListener("drop", (event) => {
  mark(null);
  if (!hasFiles(event.dataTransfer)) return;
  event.preventDefault();
  takerAt(event.target)?.take([...event.dataTransfer.files]);
});

document.addEventListener("paste", (event) => {
  const { clipboardData: given, target } = event;
  const isText = given?.types.includes("text/plain") && target.matches?.("input, textarea"); // office programs add a picture of it
  if (!given?.files.length || isText) return;
  const taker = takerAt(target);
  if (!taker) return;
  event.preventDefault();
  taker.take([...given.files]);
});
