// Who and what can be chosen where a user, a role or a channel is asked for.
import { channelName } from "./channels.js";
import { manner, state } from "./state.js";

/** People, and the bot where it is a member. */
export function users() {
  const { world, channel } = state;
  const people = world.users.filter((each) => channel.guild !== null || channel.visible_to.includes(each.id));
  const { user } = world.bot;
  const bot = manner().install === "guild" ? [{ value: user.id, label: user.global_name ?? user.username }] : [];
  return [...people.map((each) => ({ value: each.id, label: each.name })), ...bot];
}

/** Roles of the server; none where there is no server. */
export function roles() {
  const { world, channel } = state;
  if (channel.guild === null) return [];
  const known = world.roles ?? [{ id: world.guild.id, name: "@everyone" }];
  return known.map((each) => ({ value: each.id, label: each.name.startsWith("@") ? each.name : `@${each.name}` }));
}

export function mentionables() {
  return [...users(), ...roles()];
}

/** Channels of the same server that the person sees, of these types if any are given. */
export function channels(types) {
  const { world, channel, user } = state;
  return world.channels
    .filter((each) => each.guild === channel.guild && each.visible_to.includes(user.id))
    .filter((each) => !types?.length || types.includes(each.type))
    .map((each) => ({ value: each.id, label: each.guild === null ? channelName(each) : `#${each.name}` }));
}
