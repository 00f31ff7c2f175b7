// The options of a slash command, as its panel shows them.
import * as api from "./api.js";
import { CompletionControl } from "./completion.js";
import { ChoiceControl, FilesControl, NumberControl, TextControl } from "./controls.js";
import { fill, freshId, h } from "./dom.js";
import * as entities from "./entities.js";
import { Field, gather, goOn } from "./fields.js";
import { here } from "./state.js";

// Types of options (Discord API docs, Application Command Option Type).
const STRING = 3;
const INTEGER = 4;
const BOOLEAN = 5;
const USER = 6;
const CHANNEL = 7;
const ROLE = 8;
const MENTIONABLE = 9;
const NUMBER = 10;
const ATTACHMENT = 11;

const TRUTHS = [{ value: true, label: "True" }, { value: false, label: "False" }];

/** Fields for `options` of the command `name` ("jobs list"): the required ones, and a menu that adds the others.
 * `node` holds them all. */
export class Options {
  constructor(name, options) {
    Object.assign(this, { name, options });
    this.fields = new Map(); // by the option's name
    this.list = h("div.fields");
    const chipsId = freshId("chips");
    this.opener = h("button.plain.more", { type: "button", "aria-controls": chipsId, on: { click: () => this.open(this.chips.hidden) } });
    this.chips = h("div.chips", { id: chipsId, role: "group", "aria-label": "More options" });
    this.node = h("div.options-panel", {}, this.list, this.opener, this.chips);
    for (const option of options.filter((each) => each.required)) this.add(option);
    this.open(!this.fields.size);
  }

  /** Go to an option, which is added if need be; without a name to the first field. */
  focus(name) {
    const option = name && this.options.find((each) => each.name === name);
    if (option && !this.fields.has(name)) this.add(option);
    const field = option ? this.fields.get(name) : this.fields.values().next().value;
    field?.focus();
    return Boolean(field);
  }

  /** The values by name, or null where something is missing or wrong, which is then shown. */
  async gather() {
    const values = await gather(this.fields);
    return values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name, this.single(name, value)]));
  }

  /** What is filled in so far, whatever is missing. */
  soFar() {
    const values = {};
    for (const [name, { control }] of this.fields) {
      const { value } = control.read();
      if (value !== undefined) values[name] = this.single(name, value);
    }
    return values;
  }

  close() {
    for (const { control } of this.fields.values()) control.close();
  }

  single(name, value) {
    return this.options.find((each) => each.name === name).type === ATTACHMENT ? value[0] : value;
  }

  add(option) {
    const { name } = option;
    const field = new Field(this.control(option), {
      label: option.name_localized ?? name,
      about: option.description_localized ?? option.description,
      isRequired: Boolean(option.required),
      remove: option.required ? null : () => this.remove(name),
      data: { option: name },
    });
    this.fields.set(name, field);
    this.list.append(field.node);
    this.showMore();
    return field;
  }

  remove(name) {
    const field = this.fields.get(name);
    field.control.close();
    field.node.remove();
    this.fields.delete(name);
    this.open(true);
    this.chips.querySelector(`[data-option="${CSS.escape(name)}"]`).focus();
  }

  control(option) {
    const { type, min_length: shortest, max_length: longest, min_value: low, max_value: high } = option;
    if (option.autocomplete) return new CompletionControl(option, (text) => this.complete(option.name, text));
    if (option.choices?.length) return choices(option.choices.map((each) => ({ value: each.value, label: each.name_localized ?? each.name })));
    switch (type) {
      case STRING:
        return new TextControl({ low: shortest, high: longest });
      case INTEGER:
      case NUMBER:
        return new NumberControl({ isWhole: type === INTEGER, low, high });
      case BOOLEAN:
        return choices(TRUTHS);
      case USER:
        return choices(entities.users());
      case CHANNEL:
        return choices(entities.channels(option.channel_types));
      case ROLE:
        return choices(entities.roles());
      case MENTIONABLE:
        return choices(entities.mentionables());
      case ATTACHMENT:
        return new FilesControl({ changed: () => this.fields.get(option.name)?.say(""), chosen: () => goOn(this.fields) });
      default:
        throw new TypeError(`There is no option of type ${type}.`);
    }
  }

  complete(name, text) {
    return api.autocomplete({ ...here(), name: this.name, option: name, options: { ...this.soFar(), [name]: text } });
  }

  // The menu of what can be added ---------------------------------------------------------------------------------

  open(isOpen) {
    this.chips.hidden = !isOpen;
    this.showMore();
  }

  showMore() {
    const rest = this.options.filter((each) => !this.fields.has(each.name));
    this.opener.hidden = !rest.length;
    this.opener.setAttribute("aria-expanded", String(!this.chips.hidden));
    fill(this.opener, `+ ${rest.length} more ${rest.length === 1 ? "option" : "options"}`);
    fill(this.chips, rest.map((option) => this.chip(option)));
  }

  chip(option) {
    const about = option.description_localized ?? option.description;
    const add = () => this.add(option).focus();
    return h("button", { type: "button", title: about, data: { option: option.name }, on: { click: add } }, option.name_localized ?? option.name);
  }
}

function choices(given) {
  return new ChoiceControl({ choices: given });
}
