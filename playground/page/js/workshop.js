// The workshop: what goes over the wires as it happens, and switches to provoke trouble.
import * as api from "./api.js";
import { fill, h } from "./dom.js";
import { on, tell } from "./state.js";
import { startTraffic } from "./traffic.js";

const REST = { kind: "rest", times: 1 };
const DOWN = ["submit", "status", "result"].map((route) => ({ route, status: 503, times: -1 }));

/** What can be done to the image API: [label, what it does, the script]. A script's values stay until they are
 * changed (embedded/script.py). */
const PACE = [
  ["At the engine's own pace", { queue_seconds: 0, inference_seconds: 0 }],
  ["Lifelike: about 5 seconds", { queue_seconds: 1, inference_seconds: 4 }],
  ["Slow: half a minute", { queue_seconds: 8, inference_seconds: 22 }],
  ["Never finished", { inference_seconds: "manual" }],
];
const USUAL = { fail: null, block: false, faults: [], credits: null, requests_per_minute: null };
const SERVICE = [
  ["All is well", {}],
  ["Every picture fails", { fail: "The worker ran out of memory." }],
  ["Every picture is refused for its content", { block: true }],
  ["Down: every request gets a 503", { faults: DOWN }],
  ["Answers get lost: it may have been accepted", { faults: [{ route: "submit", drop: "after", times: 1 }] }],
  ["Two requests a minute", { requests_per_minute: 2 }],
  ["Out of credits", { credits: 0 }],
];
const DISCORD = [
  ["Drop the gateway", "The bot resumes where it was.", () => api.fault({ kind: "gateway_drop" })],
  ["Drop it and forget the session", "The bot identifies anew.", () => api.fault({ kind: "gateway_drop", forget: true })],
  ["End all tokens", "As after 15 minutes: replies go by the bot's own token, or directly.", () => api.fault({ kind: "token_expired" })],
  ["Rate limit the next five requests", "429, to be repeated after two seconds.", () => api.fault({ kind: "rate_limit", retry_after: 2, times: 5 })],
  ["Fail the next three requests", "500, which may be repeated.", () => api.fault({ ...REST, status: 500, times: 3 })],
  ["Block the next words", "AutoMod refuses one message.", () => api.fault({ kind: "automod" })],
  ["Lose all attachments", "Their addresses answer 404.", () => api.fault({ kind: "attachment_gone" })],
];
const AHEAD = [["1 minute", 60], ["15 minutes", 900], ["1 hour", 3600], ["1 day", 86_400]];
const BOT = [
  ["kill", "Kill", "As a crash or a power loss: SIGKILL."],
  ["stop", "Stop", "As an update: SIGTERM."],
  ["start", "Start", "It goes on where it was."],
];
const STATES = { starting: "is starting", running: "is running", ended: "has ended", unknown: "is not supervised from here" };

let drawer;
let has = null; // what /workshop/state said last

/** Make the drawer, which `opener` shows and hides. */
export function startWorkshop(aside, opener) {
  drawer = aside;
  const close = h("button.icon", { type: "button", "aria-label": "Close the workshop", text: "✕", on: { click: () => show(false) } });
  const controls = h("div.controls", { id: "controls" });
  const traffic = h("section.traffic", { "aria-label": "Traffic" });
  fill(drawer, h("header", {}, h("h2", { text: "Workshop" }), close), controls, traffic);
  const watch = startTraffic(traffic);
  const show = (isOpen) => {
    drawer.hidden = !isOpen;
    opener.setAttribute("aria-expanded", String(isOpen));
    watch(isOpen);
    if (isOpen) read();
    (isOpen ? close : opener).focus();
  };
  opener.addEventListener("click", () => show(drawer.hidden));
  on("world", readBot); // it may have come or gone
  drawer.addEventListener("keydown", (event) => {
    if (event.key === "Escape") show(false);
  });
}

/** Say how all stands. */
async function read() {
  if (!drawer || drawer.hidden) return;
  await attempt(async () => {
    has = await api.workshop();
    const script = has.api.embedded ? await api.imageApi.script() : null;
    fill(drawer.querySelector("#controls"), botPart(), apiPart(script), discordPart(), timePart());
    showBot();
  });
}

/** Say how the bot stands, in place: whoever is at a button stays there. */
async function readBot() {
  if (!drawer || drawer.hidden || !has) return;
  await attempt(async () => {
    has = await api.workshop();
    showBot();
  });
}

function showBot() {
  const { supervised, state, code } = has.bot;
  const ended = state === "ended" && code !== null ? ` (exit code ${code})` : "";
  const may = { kill: state === "running" || state === "starting", stop: state === "running", start: state === "ended" };
  drawer.querySelector("#bot-state").textContent = `It ${STATES[state] ?? state}${ended}.`;
  for (const [order] of BOT) drawer.querySelector(`[data-order="${order}"]`).disabled = !(supervised && may[order]);
}

/** Do something, and tell in a sentence if it is refused. */
async function attempt(act) {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof api.Refusal)) throw error;
    tell("notice", error.message);
    return undefined;
  }
}

function part(title, ...children) {
  return h("section", { "aria-label": title }, h("h3", { text: title }), children);
}

function action(label, about, act, data = {}) {
  return h("button", { type: "button", title: about, data, on: { click: () => attempt(act) } }, label);
}

function botPart() {
  const order = (name) => async () => {
    has.bot = await api.bot(name);
    showBot();
  };
  const buttons = BOT.map(([name, label, about]) => action(label, about, order(name), { order: name }));
  return part("The bot", h("p", { id: "bot-state", role: "status" }), h("div.buttons", {}, buttons));
}

function apiPart(script) {
  if (!script) return part("The image API", h("p", { text: "The real one is used: there is nothing to provoke." }));
  const pace = choice("Pace", PACE, (values) => fits(script, values), (values) => api.imageApi.change(values));
  const service = choice("Trouble", SERVICE, (values) => fits(script, { ...USUAL, ...values }), (values) => api.imageApi.change({ ...USUAL, ...values }));
  return part("The image API", pace, service);
}

/** Whether a script has these values. Of faults it tells more than was given. */
function fits(script, values) {
  return Object.entries(values).every(([name, value]) => {
    if (name === "faults") return script.faults.length === value.length && value.every((each, n) => script.faults[n].route === each.route && script.faults[n].status === (each.status ?? null));
    return script[name] === value;
  });
}

function choice(label, choices, isCurrent, choose) {
  const id = `api-${label.toLowerCase()}`;
  const options = choices.map(([name, values], number) => h("option", { value: number, text: name, selected: isCurrent(values) }));
  const changed = (event) => attempt(async () => {
    await choose(choices[Number(event.target.value)][1]);
  });
  return h("label", { for: id }, label, h("select", { id, on: { change: changed } }, options));
}

function discordPart() {
  const told = (label, act) => async () => {
    await act();
    fill(drawer.querySelector("#ordered"), `Ordered: ${label}.`);
  };
  const buttons = DISCORD.map(([label, about, act]) => action(label, about, told(label, act)));
  const clear = action("Take all of it back", "Forget what was ordered and has not happened yet.", told("nothing any more", api.clearFaults));
  return part("Discord", h("div.buttons", {}, buttons, clear), h("p", { id: "ordered", role: "status" }));
}

function timePart() {
  const buttons = AHEAD.map(([label, seconds]) => action(`+ ${label}`, "For Discord and the image API; the bot's own clock stands.", async () => {
    const { now } = await api.advance(seconds);
    if (has.api.embedded) await api.imageApi.advance(seconds);
    fill(drawer.querySelector("#now"), clock(now));
  }));
  return part("Time", h("p", { id: "now", role: "status", text: clock(has.now) }), h("div.buttons", {}, buttons));
}

function clock(seconds) {
  return `There it is ${new Date(seconds * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "medium" })}.`;
}
