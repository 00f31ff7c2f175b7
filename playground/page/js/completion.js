// A text or a number that the bot completes while it is typed.
import * as api from "./api.js";
import { checkedNumber, checkedText, Control } from "./controls.js";
import { freshId, h } from "./dom.js";
import { Suggestions } from "./suggestions.js";

const PAUSE = 200; // milliseconds without a key before the bot is asked

/** `ask` gives the bot's choices for a text; `check` what the text means where none of them was picked. */
export class CompletionControl extends Control {
  constructor(option, ask) {
    const input = h("input", { id: freshId("typed"), type: "text", spellcheck: "false" });
    const suggestions = new Suggestions(input, { label: "Choices", choose: (choice) => this.pick(choice), floats: true });
    super(h("div.completion", {}, input, suggestions.node), input);
    Object.assign(this, { option, ask, suggestions, picked: null, asked: 0, timer: null });
    input.addEventListener("input", () => this.typed());
    input.addEventListener("focus", () => this.look());
    input.addEventListener("click", () => !this.suggestions.isOpen && this.look());
    input.addEventListener("blur", () => this.leave());
  }

  close() {
    this.leave();
  }

  typed() {
    clearTimeout(this.timer);
    this.asked += 1; // what is on its way answers another question
    this.timer = setTimeout(() => this.look(), PAUSE);
  }

  leave() {
    clearTimeout(this.timer);
    this.asked += 1;
    this.suggestions.hide();
  }

  async look() {
    this.asked += 1;
    const number = this.asked;
    if (!this.suggestions.isOpen) this.suggestions.say("Loading options…");
    let choices;
    try {
      choices = await this.ask(this.target.value);
    } catch (error) {
      if (!(error instanceof api.Refusal)) throw error;
      if (number === this.asked) this.suggestions.say(error.status === 504 ? "Loading options failed." : error.message);
      return;
    }
    if (number !== this.asked) return;
    if (choices.length) this.suggestions.show(choices.map((each) => ({ title: each.name, value: each })));
    else this.suggestions.say("No options match this.");
  }

  pick(choice) {
    this.picked = choice;
    this.target.value = choice.name;
    this.leave();
    this.target.dispatchEvent(new Event("change", { bubbles: true }));
  }

  read() {
    const text = this.target.value;
    if (!text) return {};
    if (this.picked?.name === text) return { value: this.picked.value };
    const { type, min_length: shortest, max_length: longest, min_value: low, max_value: high } = this.option;
    return type === 3 ? checkedText(text, shortest, longest) : checkedNumber(text, { isWhole: type === 4, low, high });
  }
}
