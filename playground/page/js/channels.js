// The list of channels, with what is unread in each.
import { fill, h } from "./dom.js";
import { on, state } from "./state.js";

const ABOUT = {
  art: "Everyone repaints here. Type / to see what the bot can do.",
  staff: "Only moderators, the owner and the bot see this channel.",
  age_restricted: "Age-restricted: what is made here stays in such channels.",
  thread: "A thread of #art.",
  forum: "A forum: finished pictures can be shared here, with tags by style.",
  showcase: "A text channel that staff can make the gallery: /gallery set.",
  post: "A post in the forum.",
  dm: "Only you and the bot are here.",
  elsewhere: "A server that the bot is not in: you brought the app along.",
  group: "A group chat: the bot is not in it, you brought the app along.",
};
const SIGNS = { 0: "#", 1: "@", 3: "👥", 11: "↳", 15: "🗂" };

const unread = new Map(); // by the user's id and the channel's
let showAgain = () => {};

/** A channel's name as people write it. */
export function channelName(channel) {
  if (channel.kind === "dm") return state.world.bot.user.global_name ?? state.world.bot.user.username;
  return channel.name;
}

export function channelAbout(channel) {
  return ABOUT[channel.kind] ?? "";
}

/** Show the channels that somebody sees; `visit` is called with the one that is chosen. */
export function showChannels(nav, channels, visit) {
  showAgain = () => showChannels(nav, channels, visit);
  const { world } = state;
  const within = (channel) => channels.filter((each) => each.parent === channel.id);
  const top = channels.filter((each) => !each.parent || !channels.some((other) => other.id === each.parent));
  const rows = (chosen) => chosen.flatMap((each) => [row(each, visit), ...within(each).map((inner) => row(inner, visit, true))]);
  const groups = [
    [world.guild.name, top.filter((each) => each.guild === world.guild.id)],
    ["Direct messages", top.filter((each) => each.guild === null)],
    ["Another server", top.filter((each) => each.guild !== null && each.guild !== world.guild.id)],
  ];
  const active = document.activeElement?.dataset?.channel;
  fill(nav, groups.filter(([, some]) => some.length).map(([name, some]) => [h("h3", { text: name }), rows(some)]));
  if (active) nav.querySelector(`[data-channel="${active}"]`)?.focus();
}

function row(channel, visit, isWithin) {
  const isHere = state.channel?.id === channel.id;
  const count = unread.get(key(channel.id)) ?? 0;
  const name = channelName(channel);
  const badge = count && !isHere ? h("span.count", { "aria-label": `${count} unread` }, String(count)) : null;
  const props = {
    type: "button",
    class: isWithin ? "within" : "",
    "aria-current": isHere ? "page" : null,
    data: { channel: channel.id, kind: channel.kind },
    on: { click: () => visit(channel) },
  };
  return h("button", props, h("span", { "aria-hidden": "true", text: SIGNS[channel.type] ?? "#" }), badge, h("span", { text: channel.nsfw ? `${name} · 18+` : name }));
}

function key(channelId) {
  return `${state.user.id} ${channelId}`;
}

on("message", ({ what, message }) => {
  if (what !== "create" || message.channel_id === state.channel?.id) return;
  unread.set(key(message.channel_id), (unread.get(key(message.channel_id)) ?? 0) + 1);
  showAgain();
});

on("channel", (channel) => {
  unread.delete(key(channel.id));
  document.querySelector("#channel-name").textContent = `${SIGNS[channel.type] ?? "#"} ${channelName(channel)}`;
  document.querySelector("#channel-about").textContent = channelAbout(channel);
  showAgain();
});
