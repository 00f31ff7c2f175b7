// Moments as people read them, in the language of whoever reads.
import { h } from "./dom.js";
import { state } from "./state.js";

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
};
const UNITS = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];
const LATEST = 8.64e12; // seconds: what a Date can say
const TICK = 1_000; // milliseconds

const formatters = new Map();
let ticking = 0;

/** A timestamp of Discord's markdown as a `time`, or null for a moment that no calendar has. */
export function stamp(seconds, style) {
  if (!Number.isFinite(seconds) || Math.abs(seconds) > LATEST) return null;
  const date = new Date(seconds * 1000);
  const props = { datetime: date.toISOString(), title: written(date, "F") };
  if (style !== "R") return h("time.stamp", props, written(date, style));
  keepTicking();
  // Its text changes every so often, and nobody wants to be told each time.
  return h("time.stamp.from-now", { ...props, "aria-live": "off" }, fromNow(date));
}

/** When a message was posted: the time, and the day where it was not today. */
export function postedAt(iso) {
  const date = new Date(iso);
  return h("time.posted", { datetime: iso, title: written(date, "F") }, sayPosted(date));
}

/** The time alone, for the side of a message that follows another. */
export function timeOfDay(iso) {
  return written(new Date(iso), "t");
}

function sayPosted(date) {
  const days = Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
  if (days === 0) return written(date, "t");
  if (days === 1) return `${capital(formatter("yesterday").format(-1, "day"))}, ${written(date, "t")}`;
  return written(date, "s");
}

function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

function written(date, style) {
  return formatter(style).format(date);
}

/** Making one is slow, so each is made once for a language. */
function formatter(style) {
  const key = `${state.locale} ${style}`;
  if (!formatters.has(key)) formatters.set(key, newFormatter(style));
  return formatters.get(key);
}

function newFormatter(style) {
  if (style === "R") return new Intl.RelativeTimeFormat(state.locale);
  if (style === "yesterday") return new Intl.RelativeTimeFormat(state.locale, { numeric: "auto" });
  return new Intl.DateTimeFormat(state.locale, STYLES[style] ?? STYLES.f);
}

function capital(words) {
  return words.slice(0, 1).toLocaleUpperCase(state.locale) + words.slice(1);
}

function fromNow(date) {
  const seconds = Math.round((date.getTime() - Date.now()) / 1000);
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? UNITS.at(-1);
  return formatter("R").format(Math.trunc(seconds / size), unit);
}

/** Keep all relative times right for as long as the page shows any. */
function keepTicking() {
  ticking ||= setInterval(tick, TICK);
}

function tick() {
  if (document.hidden) return;
  for (const node of document.getElementsByClassName("from-now")) {
    const words = fromNow(new Date(node.dateTime));
    if (node.textContent !== words) node.textContent = words;
  }
}
