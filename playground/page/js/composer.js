// The bar at the bottom: words and files for the channel, and the bot's slash commands.
import * as api from "./api.js";
import { channelName } from "./channels.js";
import { growing } from "./controls.js";
import { fill, freshId, h } from "./dom.js";
import { Panel } from "./panel.js";
import { Picker, takeFiles } from "./picker.js";
import { matching, named } from "./slash.js";
import { on, state, tell } from "./state.js";
import { Suggestions } from "./suggestions.js";

const FORUM = 15; // a channel's type (Discord API docs, Channel Types)
const MAX_FILES = 10;
const MAX_CONTENT = 2000;
const NO_COMMANDS = "The bot has no commands now: it is away, or still starting.";
const NEAR = 200; // characters left, from where on they are counted

/** Make the composer in `host`. */
export function startComposer(host) {
  const composer = new Composer(host);
  on("channel", () => composer.visit());
  on("user", () => composer.close());
  on("world", () => composer.showCommandsAgain());
  on("command", ({ name, pick }) => composer.start(name, pick));
}

class Composer {
  constructor(host) {
    this.drafts = new Map(); // what was typed, by person and channel
    this.place = null; // of which of them the text is
    this.panel = null; // of the command that is being filled in
    this.isSending = false;
    this.isDismissed = false; // somebody closed the menu; it comes back with the next slash
    this.build(host);
  }

  build(host) {
    this.area = h("textarea", { id: freshId("message"), rows: 1, "aria-label": "Message", enterkeyhint: "send" });
    this.menu = new Suggestions(this.area, { label: "Commands", choose: (entry) => this.begin(entry), isEager: true });
    this.menu.node.classList.add("commands");
    this.counter = h("small.counter", { "aria-hidden": "true", hidden: true });
    this.tray = h("div.tray", { id: freshId("tray"), hidden: true });
    this.attach = h("button.icon.plain", {
      type: "button",
      "aria-label": "Attach files",
      "aria-controls": this.tray.id,
      "aria-expanded": "false",
      text: "+",
      on: { click: () => this.toggleTray() },
    });
    const send = h("button.primary", { type: "submit", text: "Send" });
    const row = h("div.row", {}, this.attach, h("div.written", {}, this.area, this.counter), send);
    this.form = h("form.say", { "aria-label": "Write a message", on: { submit: (event) => this.submitted(event) } }, this.menu.node, this.tray, row);
    this.note = h("p.note", { hidden: true, text: "A forum takes no messages: go to one of its posts to write there." });
    this.grow = growing(this.area);
    this.area.addEventListener("input", () => this.typed());
    this.area.addEventListener("keydown", (event) => this.pressed(event));
    this.form.addEventListener("focusout", (event) => {
      if (!this.form.contains(event.relatedTarget)) this.menu.hide();
    });
    takeFiles({
      node: this.form,
      isEmpty: false, // a field of its own goes first
      get isOpen() { return this.node.checkVisibility(); },
      take: (files) => this.openTray().take(files),
    });
    this.host = fill(host, this.form, this.note);
  }

  // Where one is --------------------------------------------------------------------------------------------------

  /** Another channel, or the same one as somebody else: what was open is closed, what was typed is kept. */
  visit() {
    this.close();
    if (this.place) this.drafts.set(this.place, this.area.value);
    this.place = `${state.user.id} ${state.channel.id}`;
    const isForum = state.channel.type === FORUM;
    this.form.hidden = isForum;
    this.note.hidden = !isForum;
    const name = channelName(state.channel);
    this.area.placeholder = `Message ${state.channel.guild === null ? name : `#${name}`}, or / for commands`;
    this.write(this.drafts.get(this.place) ?? "");
  }

  close() {
    this.menu.hide();
    this.closeTray();
    this.closePanel();
  }

  write(text) {
    this.area.value = text;
    this.isDismissed = false;
    this.count();
    this.grow();
  }

  count() {
    const left = MAX_CONTENT - [...this.area.value].length;
    this.counter.hidden = left > NEAR;
    this.counter.textContent = String(left);
    this.counter.classList.toggle("over", left < 0);
  }

  // Saying something ----------------------------------------------------------------------------------------------

  typed() {
    this.count();
    const { value } = this.area;
    if (!value.startsWith("/")) this.isDismissed = false;
    const entry = value.startsWith("/") && value.endsWith(" ") ? named(value.slice(1)) : null;
    if (entry && !this.isDismissed) this.begin(entry);
    else this.suggest();
  }

  pressed(event) {
    if (event.key === "Escape" && event.defaultPrevented) this.isDismissed = true; // the menu took it
    if (event.defaultPrevented || event.isComposing || event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  async submitted(event) {
    event.preventDefault();
    if (this.isSending) return;
    this.isSending = true;
    try {
      await this.say();
    } catch (error) {
      if (!(error instanceof api.Refusal)) throw error;
      tell("notice", error.message);
    } finally {
      this.isSending = false;
    }
  }

  async say() {
    const place = { user: state.user.id, channel: state.channel.id };
    const typed = this.area.value;
    const content = typed.trim();
    const { picker } = this;
    await picker?.ready();
    if (picker !== this.picker) return; // gone on meanwhile, without its files: what was typed is kept
    const attachments = picker?.ids ?? [];
    if (!content && !attachments.length) return;
    await api.say({ ...place, content, attachments });
    this.drafts.delete(`${place.user} ${place.channel}`);
    if (this.place !== `${place.user} ${place.channel}`) return; // gone on meanwhile
    if (this.area.value === typed) this.write("");
    this.closeTray();
    this.area.focus();
  }

  toggleTray() {
    if (this.tray.hidden) this.openTray().focus();
    else {
      this.closeTray();
      this.attach.focus();
    }
  }

  openTray() {
    if (!this.picker) {
      this.picker = new Picker({ max: MAX_FILES, chosen: () => this.area.focus() });
      this.tray.append(this.picker.node);
      this.tray.hidden = false;
      this.attach.setAttribute("aria-expanded", "true");
    }
    return this.picker;
  }

  closeTray() {
    this.picker?.close();
    this.picker = null;
    fill(this.tray);
    this.tray.hidden = true;
    this.attach.setAttribute("aria-expanded", "false");
  }

  // Commands ------------------------------------------------------------------------------------------------------

  /** Show the commands that fit what is typed, if it begins like one. */
  suggest() {
    const { value } = this.area;
    const isCommand = value.startsWith("/") && !value.includes("\n");
    if (!isCommand || this.isDismissed) {
      this.menu.hide();
      return;
    }
    if (!state.world.commands.length) {
      this.menu.say(NO_COMMANDS);
      return;
    }
    const found = matching(value.slice(1));
    if (found.length) this.menu.show(found.map((entry) => ({ title: `/${entry.shown}`, detail: entry.about, value: entry })));
    else this.menu.say("No command is named like this.");
  }

  showCommandsAgain() {
    if (this.menu.isOpen) this.suggest();
  }

  /** Begin the command of that name, which came from elsewhere on the page. */
  start(name, pick) {
    if (state.channel.type === FORUM) {
      tell("notice", "A forum takes no commands: use them in one of its posts.");
      return;
    }
    const entry = named(name);
    if (entry) this.begin(entry, pick);
    else if (!state.world.commands.length) tell("notice", NO_COMMANDS);
    else if (matching(name).length) this.offer(name);
    else tell("notice", `There is no command /${name} here.`);
  }

  /** Have one of several commands chosen. */
  offer(name) {
    this.close();
    this.write(`/${name} `);
    this.area.focus();
    this.suggest();
  }

  begin(entry, pick) {
    this.close();
    if (this.area.value.startsWith("/")) this.write("");
    this.panel = new Panel(entry, { done: () => this.closePanel() });
    this.host.append(this.panel.node);
    this.form.hidden = true;
    this.panel.focus(pick);
  }

  closePanel() {
    if (!this.panel) return;
    const hadFocus = this.panel.node.contains(document.activeElement);
    this.panel.close();
    this.panel = null;
    this.form.hidden = false;
    this.grow();
    if (hadFocus) this.area.focus();
  }
}
