// A form that the bot shows in answer to an interaction.
import { follow } from "./actions.js";
import * as api from "./api.js";
import { ChoiceControl, FilesControl, ManyControl, TextControl, TickControl } from "./controls.js";
import { freshId, h } from "./dom.js";
import * as entities from "./entities.js";
import { Field, gather, goOn } from "./fields.js";
import { markup } from "./markdown.js";
import { manner, on, person, state } from "./state.js";
import { submitting } from "./submitting.js";

// Types of components (Discord API docs, Component Reference).
const ACTION_ROW = 1;
const TEXT_INPUT = 4;
const USER_SELECT = 5;
const ROLE_SELECT = 6;
const MENTIONABLE_SELECT = 7;
const CHANNEL_SELECT = 8;
const TEXT_DISPLAY = 10;
const FILE_UPLOAD = 19;
const RADIO_GROUP = 21;
const CHECKBOX_GROUP = 22;
const CHECKBOX = 23;

const PARAGRAPH = 2; // a text input's style
const ONE_VALUE = [TEXT_INPUT, CHECKBOX]; // all others have a list

const open = new Map(); // forms by their interaction

/** Show the form of an interaction (as /person/interactions gives it); what comes of sending it is followed. */
export function openModal(interaction) {
  if (open.has(interaction.id)) return;
  const form = new ModalForm(interaction);
  open.set(interaction.id, form);
  form.show();
}

on("user", () => {
  for (const form of open.values()) form.dialog.close();
});

class ModalForm {
  constructor(interaction) {
    this.interaction = interaction;
    this.fields = new Map(); // by custom id
    this.kinds = new Map();
    const { modal } = interaction;
    const titleId = freshId("title");
    const rows = modal.components.map((row) => this.row(row));
    const close = h("button.icon.plain", { type: "button", "aria-label": "Close", text: "✕", on: { click: () => this.dialog.close() } });
    const cancel = h("button", { type: "button", text: "Cancel", on: { click: () => this.dialog.close() } });
    const bot = person(state.world.bot.user.id).name;
    const problem = h("p.problem", { role: "alert" });
    const button = h("button.primary", { type: "submit", text: "Submit" });
    const submit = submitting({ button, problem, send: () => this.send() });
    const form = h("form", { novalidate: true, on: { submit } },
      h("header", {}, h("div", {}, h("h2", { id: titleId, dir: "auto", text: modal.title }), h("p", { text: `A form of ${bot}` })), close),
      h("div.body", {}, rows),
      h("footer", {}, problem, cancel, button));
    this.dialog = h("dialog.modal", { "aria-labelledby": titleId, on: { close: () => this.closed() } }, form);
  }

  show() {
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.fields.values().next().value?.focus();
  }

  closed() {
    for (const { control } of this.fields.values()) control.close();
    this.dialog.remove();
    open.delete(this.interaction.id);
  }

  /** A text, or a field with its label: in a Label, or in a row of its own where it brings its label along. */
  row(row) {
    if (row.type === TEXT_DISPLAY) return markup(row.content);
    const component = row.type === ACTION_ROW ? row.components[0] : row.component;
    const chosen = () => goOn(this.fields);
    const field = new Field(controlOf(component, chosen), {
      label: row.label ?? component.label,
      about: row.description,
      isRequired: component.type !== CHECKBOX && component.required,
      data: { customId: component.custom_id },
    });
    field.node.classList.toggle("ticked", component.type === CHECKBOX);
    this.fields.set(component.custom_id, field);
    this.kinds.set(component.custom_id, component.type);
    return field.node;
  }

  async send() {
    const { id: interaction, user, channel } = this.interaction;
    const values = await gather(this.fields);
    if (!values || !this.dialog.open) return;
    const id = await api.sendModal({ ...manner(), user, interaction, fields: this.complete(values) });
    this.dialog.close();
    follow(id, { user, channel });
  }

  /** With what was left empty: a field that is not sent would keep its default. */
  complete(values) {
    const fields = {};
    for (const [name, kind] of this.kinds) {
      const value = values[name] ?? (ONE_VALUE.includes(kind) ? "" : []);
      fields[name] = ONE_VALUE.includes(kind) || Array.isArray(value) ? value : [value];
    }
    return fields;
  }
}

/** `chosen` is called when a file was. */
function controlOf(component, chosen) {
  switch (component.type) {
    case TEXT_INPUT:
      return textOf(component);
    case FILE_UPLOAD:
      return new FilesControl({ low: component.min_values, high: component.max_values, chosen });
    case RADIO_GROUP:
      return new ManyControl({ choices: withoutOne(component), isOne: true });
    case CHECKBOX_GROUP:
      return new ManyControl({ choices: choicesOf(component), low: component.min_values, high: component.max_values });
    case CHECKBOX:
      return new TickControl({ isTicked: component.default });
    default:
      return selectOf(component);
  }
}

function textOf({ style, min_length: low, max_length: high, value, placeholder }) {
  return new TextControl({ low, high, rows: style === PARAGRAPH ? 3 : 1, value, placeholder });
}

function selectOf(component) {
  const choices = choicesOf(component);
  if (component.max_values > 1) return new ManyControl({ choices, low: component.min_values, high: component.max_values });
  const inOneLine = choices.map((each) => ({ ...each, label: each.description ? `${each.label} – ${each.description}` : each.label }));
  return new ChoiceControl({ choices: inOneLine, placeholder: component.placeholder });
}

function choicesOf(component) {
  const { type, options, channel_types: types, default_values: defaults = [] } = component;
  if (options) return options.map((each) => ({ ...each, label: signed(each), isDefault: each.default }));
  const found = {
    [USER_SELECT]: entities.users,
    [ROLE_SELECT]: entities.roles,
    [MENTIONABLE_SELECT]: entities.mentionables,
    [CHANNEL_SELECT]: () => entities.channels(types),
  }[type]();
  return found.map((each) => ({ ...each, isDefault: defaults.some(({ id }) => id === each.value) }));
}

/** A label behind its emoji, where that is a character. */
function signed({ label, emoji }) {
  return emoji?.name && !emoji.id ? `${emoji.name} ${label}` : label;
}

/** Of dots, none can be taken back: where none is needed, there is one for that. */
function withoutOne(component) {
  const choices = choicesOf(component);
  if (component.required) return choices;
  const isNone = !choices.some((each) => each.isDefault);
  return [...choices, { value: null, label: "None of these", isDefault: isNone }];
}
