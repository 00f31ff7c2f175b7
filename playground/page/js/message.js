// A message as people see it: who, when, in answer to what, and everything in it.
import { deleteMessage, showState } from "./actions.js";
import { renderComponents } from "./components.js";
import { carryReveals } from "./covers.js";
import { h } from "./dom.js";
import { renderEmbed } from "./embeds.js";
import { markup, plainText } from "./markdown.js";
import { fileCard, gallery, keepAddress, mediaItem } from "./media.js";
import { morph } from "./morph.js";
import { on, person, state } from "./state.js";
import { postedAt, timeOfDay } from "./times.js";

const SUPPRESS_EMBEDS = 1 << 2;
const EPHEMERAL = 1 << 6;
const LOADING = 1 << 7;
const SPOILER = 1 << 3; // of an attachment
const REPLY = 19;
const FORWARD = 1; // of a message's reference
const SLASH = 20; // the message answers a slash command, or a command
const MENU = 23; // from a menu
const TOGETHER = 7 * 60 * 1000; // milliseconds within which one author's messages stand together
const REMEMBERED = 3000; // messages that replies can show
const EXCERPT = 120; // characters of the message that is answered
const STICKER_FILES = { 1: "png", 2: "png", 4: "gif" };
const SHOWN_TYPES = ["image", "video", "audio"];
const ONLY_EMOJI = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|[\u{1F1E6}-\u{1F1FF}\u200D\uFE0F\s]){1,80}$/u;

const known = new Map(); // messages by id, for those that answer them
const befores = new WeakMap(); // by article, the message that stands before it

/** A message as an `article`. `previous` is the one before it, whose author may be the same. */
export function renderMessage(message, { previous = null } = {}) {
  const article = h("article.message", { tabindex: "-1", data: { id: message.id } });
  befores.set(article, previous);
  article.append(h("div.message-inside", {}, parts(message, previous)));
  describe(article, message, previous);
  remember(message);
  showState(article);
  return article;
}

/** Show in an article what its message has become. What is revealed, focused, open or loaded stays so. */
export function updateMessage(article, message, { previous = befores.get(article) } = {}) {
  const inside = article.querySelector(":scope > .message-inside");
  const fresh = h("div.message-inside", {}, parts(message, previous));
  befores.set(article, previous);
  const focused = article.contains(document.activeElement) ? document.activeElement : null;
  carryReveals(inside, fresh);
  morph(inside, fresh, keepAddress);
  describe(article, message, previous);
  remember(message);
  showState(article);
  if (focused && !article.contains(document.activeElement)) refocus(article, focused);
  return article;
}

function describe(article, message, previous) {
  const isMentioned = message.mention_everyone || message.mentions?.some(({ id }) => id === state.user?.id);
  article.classList.toggle("follows", standsTogether(message, previous));
  article.classList.toggle("ephemeral", isEphemeral(message));
  article.classList.toggle("mentions-me", Boolean(isMentioned));
  const only = isEphemeral(message) ? ", only you can see this" : "";
  article.setAttribute("aria-label", `${nameOf(message.author)}, ${timeOfDay(message.timestamp)}${only}`);
}

/** The button that was pressed is another now: it has the focus, or else its message. */
function refocus(article, { dataset: { customId } }) {
  const same = [...article.querySelectorAll("[data-custom-id]:not(:disabled)")].find((each) => each.dataset.customId === customId);
  (same ?? article).focus({ preventScroll: true });
}

function remember(message) {
  known.delete(message.id);
  known.set(message.id, message);
  if (known.size > REMEMBERED) known.delete(known.keys().next().value);
}

on("message", ({ what, message }) => {
  if (what === "delete") known.delete(message.id);
});

// Its parts -----------------------------------------------------------------------------------------------------

function parts(message, previous) {
  const isTogether = standsTogether(message, previous);
  return [
    answerLine(message),
    h("div.side", {}, isTogether ? h("span.side-time", { "aria-hidden": "true", text: timeOfDay(message.timestamp) }) : avatar(message.author)),
    h("div.main", {}, isTogether ? null : heading(message), isLoading(message) ? thinking(message) : body(message), isEphemeral(message) && notice(message)),
  ];
}

function heading({ author, timestamp }) {
  const badge = author.bot && h("span.badge", { title: "An app, not a person", text: "APP" });
  return h("header.byline", {}, h("bdi.author", { text: nameOf(author) }), badge, postedAt(timestamp));
}

function body(message) {
  const forward = message.message_reference?.type === FORWARD;
  const content = forward ? forwarded(message) : insides(message);
  return h("div.content", {}, content, wasEdited(message) && !message.content && edited(message));
}

function insides(message) {
  const users = message.mentions ?? [];
  const embeds = message.flags & SUPPRESS_EMBEDS ? [] : message.embeds ?? [];
  return [
    message.content && words(message, users),
    attachments(message.attachments ?? []),
    embeds.map((embed) => renderEmbed(embed, users)),
    (message.sticker_items ?? []).map(sticker),
    renderComponents(message),
  ];
}

function words(message, users) {
  const node = markup(message.content, { users });
  if (ONLY_EMOJI.test(message.content)) node.classList.add("jumbo");
  if (!wasEdited(message)) return node;
  const last = node.lastElementChild;
  const place = last?.matches(".paragraph, .subtext") ? last : node;
  place.append(" ", edited(message));
  return node;
}

function edited({ edited_timestamp: at }) {
  const mark = postedAt(at);
  return h("small.edited", { title: mark.title, text: "(edited)" });
}

function thinking({ author }) {
  return h("p.thinking", {}, h("span.clock", { "aria-hidden": "true", text: "⏱" }), " ", h("bdi", { text: nameOf(author) }), " is thinking…");
}

function notice(message) {
  const dismiss = h("button.plain.dismiss", { type: "button", text: "Dismiss message", data: { key: "dismiss" }, on: { click: () => deleteMessage(message) } });
  return h("p.only-you", {}, h("span", { "aria-hidden": "true", text: "👁 " }), "Only you can see this · ", dismiss);
}

function avatar(author) {
  const name = nameOf(author);
  const node = h("span.avatar", { "aria-hidden": "true", text: initials(name) });
  node.style.setProperty("--hue", String(hueOf(author.id)));
  return node;
}

// What it answers -----------------------------------------------------------------------------------------------

function answerLine(message) {
  if (message.type === REPLY && message.message_reference) return replyLine(known.get(message.message_reference.message_id));
  const command = commandOf(message);
  if (!command) return null;
  const name = command.isMenu ? command.name : `/${command.name}`;
  return h("p.answers", {}, h("bdi.who", { text: nameOf(command.user) }), " used ", h("bdi.what", { text: name }));
}

function replyLine(answered) {
  if (!answered) return h("p.answers", {}, h("em", { text: "The message that this answers is not here." }));
  return h("p.answers", {}, h("span.unseen", { text: "Answers " }), h("bdi.who", { text: nameOf(answered.author) }), " ", h("span.excerpt", { dir: "auto", text: excerpt(answered) }));
}

function excerpt(message) {
  const said = plainText(message.content || firstText(message.components ?? []), { users: message.mentions }).replace(/\s+/g, " ");
  if (said) return said.length > EXCERPT ? `${said.slice(0, EXCERPT)}…` : said;
  if (isLoading(message)) return "is thinking…";
  return message.attachments?.length ? "🖼 An attachment" : "A message without words";
}

function firstText(components) {
  for (const component of components) {
    const found = component.content ?? firstText(component.components ?? []);
    if (found) return found;
  }
  return "";
}

/** The command that a message is the first answer to. */
function commandOf({ type, interaction_metadata: metadata, interaction }) {
  if (type !== SLASH && type !== MENU) return null;
  const { name, user } = interaction ?? metadata ?? {};
  return name && user ? { name, user, isMenu: type === MENU } : null;
}

function standsTogether(message, previous) {
  if (!previous || answerLine(message)) return false;
  const apart = new Date(message.timestamp) - new Date(previous.timestamp);
  const isSame = previous.author.id === message.author.id && isEphemeral(previous) === isEphemeral(message);
  return isSame && apart < TOGETHER && new Date(message.timestamp).getDate() === new Date(previous.timestamp).getDate();
}

// What is in it -------------------------------------------------------------------------------------------------

function attachments(given) {
  const isMedia = (each) => SHOWN_TYPES.includes(each.content_type?.split("/")[0]) && (each.width || !each.content_type.startsWith("image"));
  const items = given.filter(isMedia).map((each) => mediaItem(each, { description: each.description, filename: each.filename, spoiler: isCovered(each) }));
  const files = given.filter((each) => !isMedia(each));
  return [items.length > 0 && gallery(items), files.map((each) => fileCard({ ...each, spoiler: isCovered(each) }))];
}

function isCovered({ filename, flags }) {
  return filename.startsWith("SPOILER_") || Boolean(flags & SPOILER);
}

function sticker({ id, name, format_type: format }) {
  const type = STICKER_FILES[format];
  if (!type) return h("p.sticker.drawn", { text: `Sticker: ${name}` });
  return h("img.sticker", { src: `/cdn/stickers/${encodeURIComponent(id)}.${type}`, alt: `Sticker: ${name}`, title: name, width: 160, height: 160, loading: "lazy" });
}

function forwarded(message) {
  const inner = message.message_snapshots?.map(({ message: kept }) => h("div.forwarded", {}, insides(kept), h("p.forward-place", {}, postedAt(kept.timestamp))));
  return [h("p.forward-word", {}, h("span", { "aria-hidden": "true", text: "↱ " }), "Forwarded"), inner];
}

// Who and how ----------------------------------------------------------------------------------------------------

function nameOf(user) {
  return person(user.id)?.name ?? user.global_name ?? user.username;
}

function initials(name) {
  const all = name.trim().split(/\s+/).map((word) => [...word][0] ?? "");
  return (all.length > 1 ? all[0] + all.at(-1) : all[0] ?? "?").toLocaleUpperCase();
}

/** A hue that differs well between ids that follow each other. */
function hueOf(id) {
  return Math.round((Number(String(id).slice(-6)) * 137.508) % 360);
}

function isEphemeral(message) {
  return Boolean(message.flags & EPHEMERAL);
}

function isLoading(message) {
  return Boolean(message.flags & LOADING);
}

function wasEdited(message) {
  return Boolean(message.edited_timestamp) && !isLoading(message);
}
