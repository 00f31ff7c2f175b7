// The page's start: who one is, where one is, and what happens there.
import * as api from "./api.js";
import { startComposer } from "./composer.js";
import { showChannels } from "./channels.js";
import { fill, h } from "./dom.js";
import { startLog } from "./log.js";
import { on, state, tell } from "./state.js";
import { startWorkshop } from "./workshop.js";

const LOCALES = {
  "en-US": "English",
  de: "Deutsch",
  "es-ES": "Español",
  fr: "Français",
  "pt-BR": "Português (Brasil)",
  ja: "日本語",
};
const MESSAGE_LINK = /^https:\/\/discord\.com\/channels\/(?:\d+|@me)\/(\d+)\/(\d+)$/;
const ROLES = { member: "a member", member2: "another member", moderator: "a moderator", owner: "the owner" };

const AGAIN = 1000; // milliseconds until the playground is asked once more

let leave = () => {}; // ends the stream of what happens
let turn = 0; // how often somebody was to become somebody
let asked = 0; // how often the world was asked for

async function start() {
  watchTheme();
  watchSide();
  on("notice", notice);
  on("visit", visit);
  document.addEventListener("click", followLink);
  startLog(document.querySelector("#messages"), document.querySelector("#log"));
  startComposer(document.querySelector("#composer"));
  startWorkshop(document.querySelector("#workshop"), document.querySelector("#open-workshop"));
  addEventListener("hashchange", () => become(wanted));
  await become(wanted);
}

/** The user and the place that the address names, `#moderator/staff`; else the first one. */
function wanted(world) {
  let words = "";
  try {
    words = decodeURIComponent(location.hash.slice(1));
  } catch {
    // not an address of this page's
  }
  const [role, place] = words.split("/");
  return { user: world.users.find((each) => each.role === role) ?? world.users[0], place };
}

/** Be whom `choose` finds in the world, and ask until the playground answers: it may be starting. The newest wish
 * counts. `locale`: another language than the user's own. */
async function become(choose, locale) {
  turn += 1;
  const mine = turn;
  while (mine === turn) {
    try {
      const { user, place } = choose(await api.world());
      const spoken = locale ?? Object.keys(LOCALES).find((each) => each === user.locale) ?? "en-US";
      const world = await api.world(spoken);
      if (mine === turn) enter(world, world.users.find((each) => each.id === user.id), place, spoken);
      return;
    } catch (error) {
      if (!(error instanceof api.Refusal)) throw error;
      tell("notice", error.message);
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    }
  }
}

/** Be somebody: their language, their channels, the stream of what they see. `place`: a channel's id or kind. */
function enter(world, user, place, locale) {
  leave();
  const last = state.channel?.id;
  Object.assign(state, { world, user, locale });
  tell("user", user);
  takeWorld(world);
  const seen = seenBy(user);
  const named = (name) => seen.find((each) => each.id === name) ?? seen.find((each) => each.kind === name);
  go(named(place) ?? named(last) ?? seen[0]);
  leave = api.listen(user.id, world.last_event, {
    message_create: (message) => tell("message", { what: "create", message }),
    message_update: (message) => tell("message", { what: "update", message }),
    message_delete: (message) => tell("message", { what: "delete", message }),
    interaction: (interaction) => tell("interaction", interaction),
    thread_create: refresh,
    bot: refresh,
    lost: () => showBot(null),
    back: refresh,
  });
}

/** Read the world anew: the commands, the channels and the bot may have changed. */
async function refresh() {
  asked += 1;
  const mine = asked;
  const { run } = state.world;
  try {
    const world = await api.world(state.locale);
    if (mine !== asked) return; // a later answer counts
    if (world.run === run) takeWorld(world);
    else become(asBefore, state.locale); // another playground, where nothing of before is known
  } catch (error) {
    if (!(error instanceof api.Refusal)) throw error;
    showBot(null);
  }
}

function asBefore(world) {
  const user = world.users.find((each) => each.role === state.user.role);
  return { user, place: state.channel.parent ? state.channel.id : state.channel.kind };
}

function takeWorld(world) {
  asked += 1; // what was asked for before this is old
  state.world = world;
  state.user = world.users.find((each) => each.id === state.user.id);
  if (state.channel) state.channel = world.channels.find((each) => each.id === state.channel.id) ?? state.channel;
  showMe();
  showBot(world.bot.connected, world.commands.length);
  showChannels(document.querySelector("#channels"), seenBy(state.user), visit);
  tell("world", world);
}

function seenBy(user) {
  return state.world.channels.filter((each) => each.visible_to.includes(user.id));
}

/** Go to a channel, unless one is there already: what is being filled in stays. */
function visit(channel) {
  if (channel.id === state.channel?.id) hideSide();
  else go(channel);
}

function go(channel) {
  state.channel = channel;
  history.replaceState(null, "", `#${state.user.role}/${channel.parent ? channel.id : channel.kind}`);
  tell("channel", channel);
}

/** A link to a message leads to it here: its address is one of the real Discord's. */
function followLink(event) {
  const link = event.target.closest?.("a[href]");
  const [, channelId, messageId] = link?.href.match(MESSAGE_LINK) ?? [];
  const channel = seenBy(state.user).find((each) => each.id === channelId);
  if (!channel) return;
  event.preventDefault();
  if (channel.id !== state.channel.id) visit(channel);
  tell("jump", messageId);
}

// What is shown around the conversation ------------------------------------------------------------------------

function showBot(isConnected, commands) {
  const words = {
    true: commands ? "The bot is there." : "The bot is starting …",
    false: "The bot is away.",
    null: "The playground is not there. Is it still running?",
  };
  const node = document.querySelector("#bot");
  node.textContent = words[isConnected];
  node.dataset.connected = String(Boolean(isConnected && commands));
}

function showMe() {
  const { world, user } = state;
  const people = select(
    "You are",
    world.users.map((each) => [each.id, `${each.name}, ${ROLES[each.role] ?? each.role}`]),
    user.id,
    (id) => become((there) => ({ user: there.users.find((each) => each.id === id), place: state.channel.parent ? state.channel.id : state.channel.kind })),
  );
  const languages = select("Your language", Object.entries(LOCALES), state.locale, async (locale) => {
    state.locale = locale;
    await refresh();
    tell("locale", locale);
  });
  const active = document.activeElement?.id;
  fill(document.querySelector("#me"), people, languages);
  if (active) document.getElementById(active)?.focus();
}

function select(label, choices, current, choose) {
  const id = `me-${label.replaceAll(" ", "-").toLowerCase()}`;
  const options = choices.map(([value, text]) => h("option", { value, text, selected: value === current }));
  const node = h("select", { id, on: { change: (event) => choose(event.target.value) } }, options);
  return h("label", { for: id }, label, node);
}

function notice(sentence) {
  const close = h("button.plain", { type: "button", text: "OK", on: { click: () => node.remove() } });
  const node = h("div.notice", {}, h("span", { text: sentence }), close);
  fill(document.querySelector("#notices"), node); // the newest one counts
}

on("channel", () => fill(document.querySelector("#notices")));

let hideSide = () => {};

function watchSide() {
  const side = document.querySelector("#side");
  const opener = document.querySelector("#open-side");
  const show = (isOpen) => {
    side.classList.toggle("open", isOpen);
    opener.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) side.querySelector("button, select")?.focus();
  };
  hideSide = () => show(false);
  opener.addEventListener("click", () => show(!side.classList.contains("open")));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && side.classList.contains("open")) {
      show(false);
      opener.focus();
    }
  });
  on("channel", hideSide);
  document.querySelector("main").addEventListener("pointerdown", (event) => {
    if (!opener.contains(event.target)) hideSide();
  });
}

function watchTheme() {
  const root = document.documentElement;
  const kept = remembered();
  if (kept) root.dataset.theme = kept;
  document.querySelector("#theme").addEventListener("click", () => {
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
    remember(root.dataset.theme);
  });
}

// A browser may keep nothing for a page, and say so by throwing.

function remembered() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}

function remember(theme) {
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // until the page is left, then
  }
}

start();
