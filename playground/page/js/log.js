// The conversation: a channel's messages as they come, change and go.
import * as api from "./api.js";
import { channelAbout, channelName } from "./channels.js";
import { fill, h } from "./dom.js";
import { attachMenu } from "./menu.js";
import { renderMessage, updateMessage } from "./message.js";
import { on, state, tell } from "./state.js";

const FORUM = 15; // a channel's type (Discord API docs, Channel Types)
const AT_THE_END = 120; // pixels from the end within which the log follows what comes

let list;
let scroller;
let shown = new Map(); // messages by id, in the order in which they stand
let failures = []; // interactions that failed here, with the list's items that say so
let held = null; // what happened here while the list was still on its way

/** Show the conversation of whatever channel is visited in `ol`, which scrolls in `around`. */
export function startLog(ol, around) {
  list = ol;
  scroller = around;
  on("channel", open);
  on("locale", () => open(state.channel)); // dates are written otherwise
  on("message", take);
  on("interaction", fail);
  on("jump", jump);
  scroller.addEventListener("scroll", scrolled, { passive: true });
  scroller.addEventListener("load", follow, true); // a picture has come and takes its room
  new ResizeObserver(follow).observe(scroller); // a command's options have opened below
}

async function open(channel) {
  const mine = new Map();
  shown = mine;
  failures = [];
  held = [];
  fill(list);
  let messages = [];
  try {
    messages = await api.messages(state.user.id, channel.id);
  } catch (error) {
    if (!(error instanceof api.Refusal)) throw error;
    tell("notice", error.message);
  }
  if (shown !== mine) return; // gone on meanwhile
  for (const message of messages) add(message);
  const since = held;
  held = null;
  for (const event of since) take(event);
  if (!shown.size) welcome();
  toTheEnd();
  if (wanted) jump(wanted);
}

let wanted = null; // a message that is to be shown as soon as it is there

function jump(id) {
  wanted = held ? id : null;
  if (held) return; // the list is on its way
  const article = shown.get(id)?.article;
  if (!article) {
    tell("notice", "That message is not here any more.");
    return;
  }
  article.scrollIntoView({ block: "center" });
  article.focus();
}

function take(event) {
  const { what, message } = event;
  if (message.channel_id !== state.channel?.id) return undefined;
  if (held) return held.push(event);
  if (what === "delete") return remove(message.id);
  if (shown.has(message.id)) return change(message);
  if (what === "update") return undefined; // of before the page came
  const follows = isAtTheEnd();
  add(message);
  if (follows || message.author.id === state.user.id) toTheEnd();
  return undefined;
}

function add(message) {
  list.querySelector(".welcome")?.remove();
  const previous = [...shown.values()].at(-1)?.message;
  const article = renderMessage(message, { previous });
  const item = h("li", { data: { message: message.id } }, article);
  attachMenu(article, message);
  shown.set(message.id, { message, article, item });
  list.append(item);
}

function change(message) {
  const entry = shown.get(message.id);
  const follows = isAtTheEnd();
  entry.message = message;
  updateMessage(entry.article, message);
  if (follows) toTheEnd();
}

function remove(id) {
  const entry = shown.get(id);
  if (!entry) return;
  const neighbour = entry.item.nextElementSibling ?? entry.item.previousElementSibling;
  const hadFocus = entry.item.contains(document.activeElement);
  entry.item.remove();
  shown.delete(id);
  regroup(neighbour);
  if (hadFocus) list.focus();
  if (!shown.size && !failures.length) welcome();
}

/** Whoever stood below a message that went may need their name again. */
function regroup(item) {
  const id = item?.dataset.message;
  if (!id || !shown.has(id)) return;
  const entry = shown.get(id);
  const before = item.previousElementSibling?.dataset.message;
  updateMessage(entry.article, entry.message, { previous: before ? shown.get(before)?.message : undefined });
}

/** A command or form that got no answer; what is pressed on a message says so itself. */
function fail(interaction) {
  const isHere = interaction.channel === state.channel?.id && interaction.user === state.user.id;
  if (!isHere || interaction.status !== "failed" || !["command", "modal"].includes(interaction.kind)) return;
  const what = interaction.kind === "command" ? `/${interaction.name}` : "the form";
  list.querySelector(".welcome")?.remove();
  const item = h("li.failure", { role: "alert" }, "⚠ The application did not respond", h("small", { text: `Only you can see this · ${what}` }));
  failures.push(item);
  list.append(item);
  toTheEnd();
}

// Where nothing was said yet --------------------------------------------------------------------------------------

function welcome() {
  const { channel } = state;
  const ways = channel.type === FORUM ? posts(channel) : [
    way("Repaint a picture", "Pick one, say what it should become.", ["command", { name: "img2img", pick: "image" }], true),
    way("With a form", "The same without options.", ["command", { name: "repaint" }]),
    way("Look around", "What the bot can do.", ["command", { name: "help" }]),
  ];
  const about = channel.kind === "art"
    ? "This looks like a chat and is one: the real bot answers over the real protocols, with nothing set up. The pictures are painted by a preview engine on this machine."
    : channelAbout(channel);
  fill(list, h("li.welcome", {}, h("h3", { text: `Welcome to ${channelName(channel)}` }), h("p", { text: about }), h("div.ways", {}, ways)));
}

function posts(forum) {
  const inside = state.world.channels.filter((each) => each.parent === forum.id);
  return inside.map((post) => way(post.name, post.tags.join(", "), ["visit", post]));
}

function way(title, about, what, isFirst) {
  const props = { type: "button", class: isFirst ? "primary" : "", on: { click: () => tell(...what) } };
  return h("button", props, h("strong", { text: title }), h("span", { text: about }));
}

on("world", () => {
  if (list?.querySelector(".welcome")) welcome();
});

// Scrolling -------------------------------------------------------------------------------------------------------

let isFollowing = true;
let top = 0; // where the log stood last

/** Whoever scrolls up stays there; what comes below, or takes its room late, moves nobody. */
function scrolled() {
  if (isAtTheEnd()) isFollowing = true;
  else if (scroller.scrollTop < top) isFollowing = false;
  top = scroller.scrollTop;
}

function isAtTheEnd() {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < AT_THE_END;
}

function toTheEnd() {
  scroller.scrollTop = scroller.scrollHeight;
  top = scroller.scrollTop;
  isFollowing = true;
}

function follow() {
  if (isFollowing) toTheEnd();
}
