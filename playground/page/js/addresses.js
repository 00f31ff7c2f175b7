// Addresses in texts: which of them are links, and where they end.

const BARE_LINK = /https?:\/\/[^\s<[\]/?#]+[^\s<]*/y;
const LINK_TARGET = /\(\s*(?:<([^\s<>]{1,2048})>|((?:[^\s<>()]|\([^\s<>()]{0,200}\)){1,2048}))(?:\s+(?:"[^"\n]{0,300}"|'[^'\n]{0,300}'))?\s*\)/y;

/** An http or https address as a URL, or null: nothing else is ever a link. */
export function webAddress(given) {
  if (!URL.canParse(given)) return null;
  const url = new URL(given);
  return url.protocol === "https:" || url.protocol === "http:" ? url : null;
}

/** The bare address that begins at a place of a text; null where none does. */
export function bareAddress(source, at) {
  BARE_LINK.lastIndex = at;
  const found = trimmed(BARE_LINK.exec(source)?.[0] ?? "");
  return webAddress(found) && found;
}

/** What stands in brackets behind a link's words: its URL and how long all of that is; null where that is no link. */
export function linkTarget(source, at) {
  LINK_TARGET.lastIndex = at;
  const found = LINK_TARGET.exec(source);
  const url = found && webAddress(found[1] ?? found[2]);
  return url && { url, length: found[0].length };
}

/** A bare address without the punctuation of the sentence around it. */
function trimmed(address) {
  let end = address.length;
  let surplus = null; // closing brackets that nothing in it opens
  for (; end; end -= 1) {
    const last = address[end - 1];
    if (last === ")") {
      surplus ??= address.split(")").length - address.split("(").length;
      if (surplus <= 0) break;
      surplus -= 1;
    } else if (!".,:;\"']*_~|".includes(last)) break;
  }
  return address.slice(0, end);
}
