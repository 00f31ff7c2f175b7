// Spoilers: what is covered until somebody wants to see it.
import { h } from "./dom.js";

/** Words behind a bar. The bar must wrap with its line, which a `button` cannot, so it is a `span` that acts as
 * one. `source` tells it from other spoilers of the message. */
export function coveredText(content, source) {
  const inner = h("span.covered", {}, content);
  const props = {
    class: "spoiler",
    role: "button",
    tabindex: "0",
    "aria-label": "Spoiler: show",
    data: { key: `spoiler ${source}`, cover: `text ${source}` },
    on: { click: uncover, keydown: pressed },
  };
  return h("span", props, inner);
}

/** A picture, a file or a card behind a cover. `id` tells it from other covers of the message. */
export function coveredBlock(content, id, what) {
  const button = h("button.cover", {
    type: "button",
    "aria-label": `Spoiler: show ${what}`,
    data: { key: "cover" },
    on: { click: uncover },
  }, h("span.cover-word", { text: "Spoiler", "aria-hidden": "true" }));
  return h("div.covers", { data: { cover: id } }, h("div.covered", { inert: true }, content), button);
}

/** Show what is covered. */
export function reveal(host) {
  host.classList.add("revealed");
  for (const name of ["role", "tabindex", "aria-label"]) host.removeAttribute(name);
  host.querySelector(":scope > .covered").inert = false;
  host.querySelector(":scope > .cover")?.remove();
}

/** Reveal in `fresh` what is revealed in `shown`: an edit covers nothing up again. */
export function carryReveals(shown, fresh) {
  const known = new Set([...shown.querySelectorAll(".revealed[data-cover]")].map((host) => host.dataset.cover));
  for (const host of fresh.querySelectorAll("[data-cover]")) {
    if (known.has(host.dataset.cover)) reveal(host);
  }
}

function uncover(event) {
  const host = event.currentTarget.closest("[data-cover]");
  if (host.classList.contains("revealed")) return;
  event.preventDefault();
  const hadFocus = host.contains(document.activeElement);
  reveal(host);
  if (hadFocus) focusWithin(host);
}

function pressed(event) {
  const isHidden = !event.currentTarget.classList.contains("revealed");
  if (isHidden && event.target === event.currentTarget && (event.key === "Enter" || event.key === " ")) uncover(event);
}

/** Stay where the reader was: at the first thing that can be used there, else at the whole. */
function focusWithin(host) {
  const first = host.querySelector("a[href], button:not(:disabled), [tabindex='0']");
  if (!first) host.tabIndex = -1;
  (first ?? host).focus({ preventScroll: true });
}
