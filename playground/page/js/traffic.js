// What goes between the bot and both stand-ins, as it happens, with the times that matter.
import * as api from "./api.js";
import { fill, h } from "./dom.js";
import { on } from "./state.js";

const EVERY = 800; // milliseconds between two looks
const KEPT = 250; // lines
const CALLBACK = /\/interactions\/(\d+)\/[^/]+\/callback$/;
const KINDS = { 2: "command", 3: "click", 4: "typing", 5: "form" };
const RESPONSES = { 4: "answered", 5: "acknowledged", 6: "acknowledged", 7: "answered", 8: "choices", 9: "opened a form" };

/** Show the traffic in `section`; what it returns switches the watching on and off. */
export function startTraffic(section) {
  const figures = h("dl.figures");
  const requests = h("ol.requests", { "aria-label": "At the image API" });
  const lines = h("ol.lines", { "aria-label": "Between the bot and Discord" });
  fill(section, h("h3", { text: "As it happens" }), figures, h("h4", { text: "At the image API" }), requests, h("h4", { text: "Between the bot and Discord" }), lines);
  let story = new Story();
  let timer = null;
  let isOn = false;
  on("world", ({ run }) => {
    if (story.run === run) return;
    story = new Story(run); // another playground, which counts anew
    fill(lines);
  });
  const look = async () => {
    try {
      const [entries, jobs] = await Promise.all([api.traffic(story.last), requestsOr(null)]);
      story.forget();
      for (const entry of entries) {
        const line = story.line(entry);
        if (line) lines.prepend(item(line, entry));
      }
      while (lines.childElementCount > KEPT) lines.lastElementChild.remove();
      if (jobs) fill(requests, jobs.requests.slice(-20).reverse().map((each) => requestItem(each, story)));
      showFigures(figures, story, jobs);
    } catch (error) {
      if (!(error instanceof api.Refusal)) throw error; // it is away; the page says so elsewhere
    }
    if (isOn) timer = setTimeout(look, EVERY); // not before the answer: lines would come twice
  };
  return (wanted) => {
    clearTimeout(timer);
    if (wanted && !isOn) timer = setTimeout(look);
    isOn = wanted;
  };
}

/** The image API's requests; `without` where it is not ours. */
async function requestsOr(without) {
  try {
    return await api.imageApi.requests();
  } catch (error) {
    if (error.status === 404) return without;
    throw error;
  }
}

/** Makes lines of entries, and remembers what belongs together. */
export class Story {
  /** `run`: the playground's, whose entries are counted from 1. */
  constructor(run) {
    this.run = run;
    this.last = 0;
    this.begun = new Map(); // when an interaction was sent, by its id
    this.acknowledged = []; // milliseconds that the bot took, the newest last
    this.posted = []; // moments at which pictures came, in seconds
  }

  /** Let go of what is too old to matter. */
  forget() {
    for (const id of [...this.begun.keys()].slice(0, -KEPT)) this.begun.delete(id);
    this.acknowledged.splice(0, this.acknowledged.length - KEPT);
    this.posted.splice(0, this.posted.length - KEPT);
  }

  /** {what, detail, state} of an entry; null for what only keeps the connection alive. */
  line(entry) {
    this.last = Math.max(this.last, entry.seq);
    if (entry.direction === "gateway_out") return this.fromDiscord(entry);
    if (entry.direction === "gateway_in") return toDiscord(entry);
    return this.request(entry);
  }

  fromDiscord({ json, at }) {
    if (json.op !== 0) return { 7: { what: "Discord asks to reconnect" }, 9: { what: "Discord ends the session", state: "bad" } }[json.op] ?? null;
    if (json.t !== "INTERACTION_CREATE") return { what: json.t, state: "soft" };
    this.begun.set(json.d.id, at);
    const name = json.d.data.name ?? json.d.data.custom_id ?? "";
    return { what: `${KINDS[json.d.type] ?? "interaction"} ${name}`, detail: "interaction", state: "new" };
  }

  request({ method, path, status, ms, json, files, at }) {
    const answer = path.match(CALLBACK);
    const took = ms === null ? "" : `${Math.round(ms)} ms`;
    const state = status === null || status >= 400 ? "bad" : "";
    if (answer) {
      const after = this.begun.has(answer[1]) ? Math.max(0, (at - this.begun.get(answer[1])) * 1000) : null;
      if (after !== null && !state && json?.type !== 8) this.acknowledged.push(after);
      return { what: RESPONSES[json?.type] ?? "response", detail: after === null ? took : `after ${after.toFixed(1)} ms`, state: state || "good" };
    }
    if (files.length && !state) this.posted.push(at);
    const pictures = files.length ? ` with ${files.length} file${files.length > 1 ? "s" : ""}` : "";
    return { what: `${method} ${shortened(path)}${pictures}`, detail: `${status ?? "no answer"} · ${took}`, state };
  }

  /** Seconds from a request's end at the API to the first picture that was posted after it. */
  delay(request) {
    if (request.completed_at === null || request.status !== "COMPLETED") return null;
    const posted = this.posted.find((at) => at >= request.completed_at);
    return posted === undefined ? null : posted - request.completed_at;
  }
}

function toDiscord({ json }) {
  return { 2: { what: "IDENTIFY", state: "new" }, 6: { what: "RESUME", state: "new" } }[json.op] ?? null;
}

/** A path without tokens and long ids, which say nothing to people. */
function shortened(path) {
  return path.replace("/api/v10", "").replace(/\/[\w-]{40,}/g, "/…").replace(/\d{15,}/g, (id) => `…${id.slice(-4)}`);
}

function item({ what, detail, state }, entry) {
  const time = new Date(entry.at * 1000).toLocaleTimeString([], { hour12: false });
  const summary = h("summary", {}, h("time", { text: time }), h("span", { text: what }), h("small", { text: detail ?? "" }));
  const details = h("details", { class: state ?? "" }, summary);
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(h("pre", { tabindex: "0", text: JSON.stringify(entry, null, 2) }));
  });
  return h("li", {}, details);
}

function requestItem(request, story) {
  const delay = story.delay(request);
  const words = [
    `${request.polls} ${request.polls === 1 ? "poll" : "polls"}`,
    request.completed_at ? `${(request.completed_at - request.created_at).toFixed(1)} s` : null,
    delay === null ? null : `posted ${delay.toFixed(2)} s after it was done`,
    request.error ? request.error : null,
  ];
  return h("li", { data: { status: request.status } }, h("strong", { text: request.status }), h("span", { text: request.body.prompt ?? "" }), h("small", { text: words.filter(Boolean).join(" · ") }));
}

function showFigures(node, story, jobs) {
  const waits = story.acknowledged.slice(-50);
  const delays = jobs ? jobs.requests.map((each) => story.delay(each)).filter((each) => each !== null).slice(-50) : [];
  const figures = [
    ["Acknowledged after", waits.length ? `${median(waits).toFixed(1)} ms` : "–"],
    ["Done to posted", delays.length ? `${median(delays).toFixed(2)} s` : "–"],
  ];
  if (jobs) figures.push(["Submitted", jobs.submits], ["Billed", jobs.billed]);
  fill(node, figures.map(([name, value]) => h("div", {}, h("dt", { text: name }), h("dd", { text: String(value) }))));
}

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}
