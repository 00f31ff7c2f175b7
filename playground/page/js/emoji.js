// An emoji as Discord's JSON has it: a character, or a picture of some server's own, which is shown by its name.
import { h } from "./dom.js";

export function emoji(given) {
  if (!given?.name) return null;
  return h("span.emoji", { "aria-hidden": "true", text: given.id ? `:${given.name}:` : given.name });
}
