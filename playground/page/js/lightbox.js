// One picture at a time, as large as the window allows.
import { fill, h } from "./dom.js";

/** Show `items` ({url, alt, filename, width, height}), beginning with number `index`. Escape closes it, and the
 * focus goes back to where it was. */
export function openLightbox(items, index = 0) {
  new Lightbox(items, Math.max(0, index)).open();
}

class Lightbox {
  constructor(items, index) {
    this.items = items;
    this.index = index;
    this.stage = h("figure.stage");
    this.place = h("p.lightbox-place", { role: "status" });
    this.original = h("a.button", { target: "_blank", rel: "noopener noreferrer", text: "Open original ↗" });
    const many = items.length > 1;
    this.dialog = h("dialog.lightbox", { "aria-label": "Picture", on: { close: () => this.dialog.remove(), click: (event) => this.clicked(event), keydown: (event) => this.pressed(event) } },
      h("div.lightbox-bar", {}, this.place, this.original, this.button("✕", "Close", () => this.dialog.close())),
      many && this.button("‹", "Previous picture", () => this.go(-1), "lightbox-previous"),
      this.stage,
      many && this.button("›", "Next picture", () => this.go(1), "lightbox-next"),
    );
  }

  button(sign, label, click, name = "") {
    return h("button.icon", { type: "button", class: name, "aria-label": label, title: label, text: sign, on: { click } });
  }

  open() {
    this.show();
    document.body.append(this.dialog);
    this.dialog.showModal();
  }

  go(step) {
    this.index = (this.index + step + this.items.length) % this.items.length;
    this.show();
  }

  show() {
    const item = this.items[this.index];
    const image = h("img", { src: item.url, alt: item.alt, width: item.width, height: item.height });
    image.addEventListener("error", () => fill(this.stage, h("p", { text: "This picture cannot be loaded." })));
    fill(this.stage, image, h("figcaption", { dir: "auto", text: item.alt || item.filename }));
    this.original.href = item.url;
    this.place.textContent = this.items.length > 1 ? `${this.index + 1} of ${this.items.length}` : "";
  }

  pressed(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1 };
    const last = this.items.length - 1;
    if (event.key in steps) this.go(steps[event.key]);
    else if (event.key === "Home") this.go(-this.index);
    else if (event.key === "End") this.go(last - this.index);
    else return;
    event.preventDefault();
  }

  /** A click beside the picture closes. */
  clicked(event) {
    if (event.target === this.dialog || event.target === this.stage) this.dialog.close();
  }
}
