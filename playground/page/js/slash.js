// The bot's slash commands as the menu lists them: sub-commands on their own, those that are offered where one is.
import { manner, state } from "./state.js";

export const CHAT_INPUT = 1;
export const MESSAGE_MENU = 3;
const SUBCOMMAND = 1;
const GROUP = 2;
const IN_GUILD = 0;
const IN_DM = 1;
const IN_PRIVATE = 2;
const INSTALLS = { guild: 0, user: 1 };

/** The bot's commands of a type that Discord would offer where the person is; rights are the server's to judge. */
export function offered(type) {
  const { channel, world } = state;
  const privately = channel.kind === "dm" ? IN_DM : IN_PRIVATE;
  const context = channel.guild === null ? privately : IN_GUILD;
  const install = INSTALLS[manner().install];
  return world.commands.filter((each) => {
    const isHere = !each.contexts || each.contexts.includes(context);
    const isInstalled = each.guild_id ? each.guild_id === channel.guild : (each.integration_types ?? [0]).includes(install);
    return each.type === type && isHere && isInstalled;
  });
}

/** Entries of the menu: {name, shown, about, options}; `name` is "jobs list", `shown` that in the person's language. */
export function entries() {
  return offered(CHAT_INPUT).flatMap((command) => leaves(command, "", ""));
}

function leaves(node, before, shownBefore) {
  const name = `${before}${node.name}`;
  const shown = `${shownBefore}${node.name_localized ?? node.name}`;
  const options = node.options ?? [];
  const inner = options.filter((each) => each.type === SUBCOMMAND || each.type === GROUP);
  if (inner.length) return inner.flatMap((each) => leaves(each, `${name} `, `${shown} `));
  return [{ name, shown, about: node.description_localized ?? node.description, options }];
}

/** The entries that fit what was typed after the slash, the best first. */
export function matching(typed) {
  const wanted = typed.toLocaleLowerCase().trim().replace(/\s+/g, " ");
  const ranked = entries().map((entry) => ({ entry, rank: Math.min(rank(entry.name, wanted), rank(entry.shown, wanted)) }));
  return ranked.filter((each) => each.rank < Infinity).sort((one, other) => one.rank - other.rank).map((each) => each.entry);
}

function rank(name, wanted) {
  const at = name.toLocaleLowerCase().indexOf(wanted);
  if (at < 0) return Infinity;
  if (at === 0) return 0;
  return " -_".includes(name[at - 1]) ? 1 : 2;
}

/** The command that is named in full, if there is one. */
export function named(name) {
  const wanted = name.toLocaleLowerCase().trim().replace(/\s+/g, " ");
  const all = entries();
  return all.find((each) => each.name === wanted) ?? all.find((each) => each.shown.toLocaleLowerCase() === wanted);
}
