// A slash command that is being filled in.
import { follow } from "./actions.js";
import * as api from "./api.js";
import { freshId, h } from "./dom.js";
import { Options } from "./options.js";
import { here } from "./state.js";
import { submitting } from "./submitting.js";

/** A command (an entry of slash.js) with its options, to be run or left; `done` is called when it is either. */
export class Panel {
  constructor(entry, { done }) {
    Object.assign(this, { entry, done });
    this.options = new Options(entry.name, entry.options);
    const titleId = freshId("title");
    const head = h("header", {}, h("h3", { id: titleId, dir: "auto", text: `/${entry.shown}` }), h("p", { dir: "auto", text: entry.about }));
    const problem = h("p.problem", { role: "alert" });
    const cancel = h("button", { type: "button", text: "Cancel", on: { click: done } });
    this.run = h("button.primary", { type: "submit", text: "Run" });
    const props = {
      "aria-labelledby": titleId,
      novalidate: true,
      data: { command: entry.name },
      on: { submit: submitting({ button: this.run, problem, send: () => this.send() }), keydown: (event) => this.pressed(event) },
    };
    this.node = h("form.panel", props, head, h("div.body", {}, this.options.node), h("footer", {}, problem, cancel, this.run));
  }

  focus(pick) {
    if (!this.options.focus(pick)) this.run.focus();
  }

  close() {
    this.options.close();
    this.node.remove();
  }

  pressed(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    this.done();
  }

  async send() {
    const place = here();
    const options = await this.options.gather();
    if (!options || !this.node.isConnected) return;
    const id = await api.runCommand({ ...place, name: this.entry.name, options });
    if (document.activeElement === document.body) this.run.focus(); // the field that had it is gone
    this.done();
    follow(id, { user: place.user, channel: place.channel });
  }
}
