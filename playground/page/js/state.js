// What the page knows, in one place, and who wants to hear of it.

/** `world` as /person/world gives it in the user's language; `user` and `channel` are entries of it. */
export const state = {
  world: null,
  user: null,
  channel: null,
  locale: "en-US",
};

const listeners = new Map();

/** Have `handler` called whenever something of this name is told: "world", "user", "channel", "locale", "message"
 * ({what: "create" | "update" | "delete", message}), "interaction" (as /person/interactions gives it),
 * "notice" (a sentence for the person), "command" ({name, pick}: begin this command; `pick`: with this option's
 * file), "visit" (a channel to go to), "jump" (the id of a message to show there). */
export function on(name, handler) {
  if (!listeners.has(name)) listeners.set(name, new Set());
  listeners.get(name).add(handler);
  return () => listeners.get(name).delete(handler);
}

export function tell(name, data) {
  for (const handler of listeners.get(name) ?? []) handler(data);
}

/** How the person acts where they are, for every request that makes an interaction. Where the bot is not a
 * member, only an app that somebody brought along answers. */
export function manner() {
  const isBots = state.channel.guild === state.world.guild.id || state.channel.kind === "dm";
  return { locale: state.locale, install: isBots ? "guild" : "user" };
}

/** The user, channel and manner together. */
export function here() {
  return { user: state.user.id, channel: state.channel.id, ...manner() };
}

/** A person or a bot that the page has heard of, by id. */
export function person(id) {
  const { world } = state;
  return world.users.find((each) => each.id === id) ?? (world.bot.user.id === id ? { ...world.bot.user, name: world.bot.user.global_name ?? world.bot.user.username } : null);
}
