// What the page asks the playground for. Each call gives its JSON, or throws a Refusal.

/** The playground said no: `message` is the sentence for people, `status` the HTTP status (0: not reached). */
export class Refusal extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.name = "Refusal";
    this.status = status;
  }
}

async function call(method, path, { query = {}, json, form } = {}) {
  const address = new URL(path, location.origin);
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) address.searchParams.set(key, value);
  }
  const request = { method, cache: "no-store" };
  if (json !== undefined) {
    request.headers = { "Content-Type": "application/json" };
    request.body = JSON.stringify(json);
  }
  if (form) request.body = form;
  let answer;
  let body;
  try {
    answer = await fetch(address, request);
    body = await answer.json();
  } catch {
    throw new Refusal(answer?.status ?? 0, answer ? "The playground answered oddly." : "The playground is not there.");
  }
  if (!answer.ok) throw new Refusal(answer.status, body.error ?? "The playground refused this.");
  return body;
}

const post = (path, json) => call("POST", path, { json });

// As a person: see playground/person.py for what each takes and gives.
export const world = (locale) => call("GET", "/person/world", { query: { locale } });
export const messages = (user, channel) => call("GET", "/person/messages", { query: { user, channel } });
export const interaction = (id, wait) => call("GET", `/person/interactions/${id}`, { query: { wait } });
export const runCommand = async (body) => (await post("/person/commands", body)).interaction;
export const runContext = async (body) => (await post("/person/context", body)).interaction;
export const autocomplete = async (body) => (await post("/person/autocomplete", body)).choices;
export const useComponent = async (body) => (await post("/person/components", body)).interaction;
export const sendModal = async (body) => (await post("/person/modals", body)).interaction;
export const say = (body) => post("/person/messages", body);
export const removeMessage = (id, user) => call("DELETE", `/person/messages/${id}`, { query: { user } });

/** Take a file; the attachment as Discord would describe it. */
export function upload(file) {
  const form = new FormData();
  form.append("file", file, file.name);
  return call("POST", "/person/attachments", { form });
}

// The workshop: see playground/workshop.py and playground/backstage.py.
export const workshop = () => call("GET", "/workshop/state");
export const fault = (body) => post("/workshop/faults", body);
export const clearFaults = () => call("DELETE", "/workshop/faults");
export const advance = (seconds) => post("/workshop/clock", { advance: seconds });
export const traffic = (since) => call("GET", "/workshop/traffic", { query: { since } });
export const bot = (order) => post("/workshop/bot", { do: order });
export const imageApi = {
  script: () => call("GET", "/workshop/api/script"),
  change: (body) => post("/workshop/api/script", body),
  advance: (seconds) => post("/workshop/api/clock", { advance: seconds }),
  requests: () => call("GET", "/workshop/api/requests"),
};

/** What happens, as `user` sees it, after event number `since`. `on` has a handler for each name, which gets
 * the data; `on.lost` is called when the stream breaks (it comes back by itself) and `on.back` when it is back.
 * A page that nobody looks at lets go of its stream: a browser has six connections for all its pages together. */
export function listen(user, since, on) {
  let last = since;
  let source = null;
  let isLost = false;
  const open = () => {
    source = new EventSource(`/person/events?user=${encodeURIComponent(user)}&since=${last}`);
    for (const [name, handler] of Object.entries(on)) {
      if (name === "lost" || name === "back") continue;
      source.addEventListener(name, (event) => {
        last = event.lastEventId || last;
        handler(JSON.parse(event.data));
      });
    }
    source.onerror = () => {
      isLost = true;
      on.lost?.();
    };
    source.onopen = () => {
      if (isLost) on.back?.();
      isLost = false;
    };
  };
  const close = () => {
    source?.close();
    source = null;
  };
  const watch = () => (document.hidden ? close() : source ?? open());
  document.addEventListener("visibilitychange", watch);
  open();
  return () => {
    document.removeEventListener("visibilitychange", watch);
    close();
  };
}
