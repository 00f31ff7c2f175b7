// Pictures, films and files of messages.
import { coveredBlock } from "./covers.js";
import { h } from "./dom.js";
import { openLightbox } from "./lightbox.js";
import { outward } from "./markdown.js";

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);
const UNITS = ["bytes", "KB", "MB", "GB"];

const shown = new WeakMap(); // what each picture's button shows

/** The address of a file of this playground as this page may load it; null for any other address. */
export function ownAddress(given) {
  if (!URL.canParse(given, location.origin)) return null;
  const url = new URL(given, location.origin);
  const isHere = url.origin === location.origin || (LOOPBACK.has(url.hostname) && url.port === location.port);
  return isHere ? url.pathname + url.search : null;
}

/** A size in bytes as people say it. */
export function readableSize(bytes) {
  if (!Number.isFinite(bytes)) return "";
  const power = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power ? value.toFixed(value < 10 ? 1 : 0) : value} ${UNITS[power]}`;
}

/** One picture or film out of a component, an attachment or an embed, as all that is here takes it. */
export function mediaItem(media, { description = null, spoiler = false, filename = null } = {}) {
  const path = ownAddress(media.proxy_url ?? media.url);
  return {
    url: path ?? media.url,
    isOwn: path !== null,
    kind: media.content_type?.split("/")[0] ?? "image",
    alt: description ?? "",
    filename: filename ?? fileName(media.url),
    width: media.width ?? null,
    height: media.height ?? null,
    spoiler,
  };
}

/** Up to ten pictures in the pattern that people know: see message.css for each number. */
export function gallery(items) {
  return h("div.gallery", { data: { count: items.length } }, items.map((item) => covered(item, tile(item))));
}

/** One picture that is not part of a gallery, such as a thumbnail. */
export function single(item, className) {
  return h("div", { class: className }, covered(item, tile(item)));
}

/** A file to be downloaded: its name, its size. */
export function fileCard({ url, filename, size, spoiler }) {
  const path = ownAddress(url);
  const name = h("bdi", { text: filename });
  const link = path ? h("a.file-name", { href: path, download: filename }, name) : h("span.file-name", {}, outward(url, name));
  const card = h("div.file", {}, h("span.file-sign", { "aria-hidden": "true", text: "📄" }), link, h("small", { text: readableSize(size) }));
  return spoiler ? coveredBlock(card, `file ${filename}`, "the file") : card;
}

/** Have a picture that stays through an edit know its newest address. */
export function keepAddress(old, fresh) {
  if (shown.has(old) && shown.has(fresh)) shown.set(old, shown.get(fresh));
}

function tile(item) {
  if (!item.isOwn) return elsewhere(item);
  if (item.kind === "video" || item.kind === "audio") return player(item);
  return picture(item);
}

function covered(item, node) {
  return item.spoiler ? coveredBlock(node, `media ${pathOf(item.url)}`, "the picture") : node;
}

/** A picture that opens large. It is asked for when it comes into view, so one that an edit brings anew but that
 * is shown already is never asked for again. */
function picture(item) {
  const size = item.width && item.height ? { width: item.width, height: item.height } : {};
  const image = h("img", { loading: "lazy", decoding: "async", alt: item.alt, ...size });
  const button = h("button.picture", {
    type: "button",
    "aria-label": `Open the picture${item.alt ? `: ${item.alt}` : ` ${item.filename}`}`,
    title: item.alt || null,
    data: { key: `picture ${JSON.stringify([pathOf(item.url), item.alt, item.width, item.height])}` },
    on: { click: open },
  }, image);
  if (size.width) button.style.setProperty("--ratio", `${item.width} / ${item.height}`);
  shown.set(button, item);
  image.addEventListener("error", () => showLoss(button, item));
  image.src = item.url;
  return button;
}

function open(event) {
  const around = event.currentTarget.closest(".gallery");
  const buttons = around ? [...around.querySelectorAll(".picture")].filter((each) => !each.closest("[inert]")) : [event.currentTarget];
  openLightbox(buttons.map((each) => shown.get(each)), buttons.indexOf(event.currentTarget));
}

function showLoss(button, item) {
  delete button.dataset.key; // the next edit tries again
  button.disabled = true;
  button.classList.add("lost");
  button.replaceChildren(h("span", { text: `🖼 ${item.alt || item.filename}` }), h("small", { text: "This picture cannot be loaded." }));
}

function player(item) {
  const props = {
    controls: true,
    preload: "metadata",
    src: item.url,
    "aria-label": item.alt || item.filename,
    data: { key: `player ${pathOf(item.url)}` },
  };
  return h(item.kind === "video" ? "video.player" : "audio.player", props);
}

/** What lies on another server is not loaded: this page asks nobody but the playground. */
function elsewhere(item) {
  const host = URL.canParse(item.url) ? new URL(item.url).host : "an odd address";
  return h("div.elsewhere", {}, h("span", { text: item.alt || "A picture on another server" }), outward(item.url, host));
}

function pathOf(url) {
  return url.split("?")[0];
}

function fileName(url) {
  const last = pathOf(url).split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
