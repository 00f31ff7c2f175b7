// A message's components, classic and Components V2, as people see and use them.
import { press } from "./actions.js";
import { coveredBlock } from "./covers.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { markup, outward } from "./markdown.js";
import { fileCard, gallery, mediaItem, single } from "./media.js";
import { select } from "./selects.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger" };
const LINK = 5;

const MAKERS = {
  1: actionRow,
  2: button,
  3: select,
  5: select,
  6: select,
  7: select,
  8: select,
  9: section,
  10: (message, { content }) => markup(content, { users: message.mentions }),
  11: (_message, component) => single(mediaItem(component.media, component), "thumbnail"),
  12: (_message, { items }) => gallery(items.map((item) => mediaItem(item.media, item))),
  13: file,
  14: separator,
  17: container,
};

/** All components of a message as elements; each does what it should when it is used. */
export function renderComponents(message) {
  return (message.components ?? []).map((component) => one(message, component));
}

function one(message, component) {
  const make = MAKERS[component?.type];
  return make ? make(message, component) : h("p.unknown", { text: `A component of a kind that is not shown here (${component?.type}).` });
}

function each(message, components) {
  return components.map((component) => one(message, component));
}

function actionRow(message, { components }) {
  return h("div.action-row", {}, each(message, components));
}

function button(message, component) {
  const content = [emoji(component.emoji), component.label && h("span", { dir: "auto", text: component.label })];
  if (component.style === LINK) return linkButton(component, content);
  if (!component.custom_id) return h("button.press", { type: "button", disabled: true }, content, "✦ Premium");
  return h(`button.press.${STYLES[component.style] ?? "secondary"}`, {
    type: "button",
    disabled: component.disabled,
    "aria-label": component.label ? null : component.emoji?.name,
    data: { customId: component.custom_id, key: `button ${JSON.stringify(component)}` },
    on: { click: () => press(message, component) },
  }, content);
}

function linkButton(component, content) {
  const link = outward(component.disabled ? "" : component.url, [...content, h("span", { "aria-hidden": "true", text: "↗" })]);
  link.classList.add("press", "secondary", "button");
  if (!link.href) link.setAttribute("aria-disabled", "true");
  else if (!component.label) link.setAttribute("aria-label", component.emoji?.name ?? component.url);
  return link;
}

function section(message, { components, accessory }) {
  return h("div.section", {}, h("div.section-words", {}, each(message, components)), h("div.accessory", {}, one(message, accessory)));
}

function file(_message, { file: media, name, size, spoiler }) {
  return fileCard({ url: media.url, filename: name ?? mediaItem(media).filename, size, spoiler });
}

function separator(_message, { spacing, divider }) {
  const props = { class: spacing === 2 ? "large" : "small" };
  return divider ? h("hr.separator", props) : h("div.separator.unseen-line", props);
}

function container(message, { id, components, accent_color: color, spoiler }) {
  const card = h("div.card", {}, each(message, components));
  if (Number.isInteger(color)) {
    card.classList.add("coloured");
    card.style.setProperty("--bar", hex(color));
  }
  return spoiler ? coveredBlock(card, `card ${id}`, "the card") : card;
}

/** A colour as Discord's JSON has it, as CSS has it. */
export function hex(color) {
  return `#${color.toString(16).padStart(6, "0")}`;
}
