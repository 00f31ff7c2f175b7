// Embeds: the older cards of bots, and previews of links.
import { h } from "./dom.js";
import { markup, outward } from "./markdown.js";
import { gallery, mediaItem, single } from "./media.js";
import { postedAt } from "./times.js";

/** An embed as Discord's JSON has it. */
export function renderEmbed(embed, users) {
  const card = h("div.embed", {},
    h("div.embed-words", {},
      embed.provider?.name && h("p.embed-provider", { dir: "auto", text: embed.provider.name }),
      embed.author?.name && h("p.embed-author", {}, outward(embed.author.url ?? "", embed.author.name)),
      embed.title && title(embed, users),
      embed.description && markup(embed.description, { users }),
      embed.fields?.length > 0 && fields(embed.fields, users)),
    embed.thumbnail?.url && single(mediaItem(embed.thumbnail), "thumbnail"),
    embed.image?.url && h("div.embed-image", {}, gallery([mediaItem(embed.image)])),
    footer(embed),
  );
  if (Number.isInteger(embed.color)) card.style.setProperty("--bar", `#${embed.color.toString(16).padStart(6, "0")}`);
  return card;
}

function title(embed, users) {
  const words = markup(embed.title, { users });
  words.classList.add("embed-title");
  return embed.url ? h("div", {}, outward(embed.url, words)) : words;
}

function fields(given, users) {
  return h("dl.embed-fields", {}, given.map((field) => h("div", { class: field.inline ? "inline" : "" }, h("dt", {}, markup(field.name, { users })), h("dd", {}, markup(field.value, { users })))));
}

function footer({ footer: said, timestamp }) {
  const isDated = timestamp && !Number.isNaN(Date.parse(timestamp));
  if (!said?.text && !isDated) return null;
  return h("p.embed-footer", {}, said?.text && h("span", { dir: "auto", text: said.text }), said?.text && isDated && " · ", isDated && postedAt(timestamp));
}
