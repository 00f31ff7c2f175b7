// Make what is shown what it should be, by as few changes as will do: an edit must not take away focus, selection,
// an open menu or a loaded picture, nor have a screen reader say everything again.

/** Turn `shown` into `fresh`, whose nodes are used up.
 *
 * An element with `data-key` has handlers and a state of its own: it is kept whole, wherever it went, while its key
 * is the same; `kept(old, fresh)` is then told. All other elements must be without handlers. */
export function morph(shown, fresh, kept = () => {}) {
  new Morph(shown, kept).children(shown, fresh);
}

class Morph {
  constructor(root, kept) {
    this.kept = kept;
    this.spare = new Map(); // keyed elements that are shown, by key
    for (const node of root.querySelectorAll("[data-key]")) {
      const same = this.spare.get(node.dataset.key) ?? [];
      this.spare.set(node.dataset.key, [...same, node]);
    }
  }

  children(shown, fresh) {
    const rest = [...shown.childNodes];
    for (const next of [...fresh.childNodes]) {
      const at = rest.findIndex((node) => node.parentNode === shown && isAlike(node, next));
      if (at < 0) {
        const added = this.adopted(next);
        while (rest.length && rest[0].parentNode !== shown) rest.shift(); // it was moved away
        shown.insertBefore(added, rest[0] ?? null);
        continue;
      }
      for (const passed of rest.splice(0, at)) passed.remove();
      this.merge(rest.shift(), next);
    }
    for (const node of rest) if (node.parentNode === shown) node.remove();
  }

  merge(node, next) {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.data !== next.data) node.data = next.data;
    } else if (node.dataset.key !== undefined) {
      this.keep(node, next);
    } else {
      sameAttributes(node, next);
      this.children(node, next);
    }
  }

  keep(node, next) {
    const same = this.spare.get(node.dataset.key);
    if (same?.includes(node)) same.splice(same.indexOf(node), 1);
    this.kept(node, next);
  }

  /** A new node, with what of it is shown already somewhere put in its place. */
  adopted(next) {
    if (next.nodeType !== Node.ELEMENT_NODE) return next;
    const known = this.known(next);
    if (known) return known;
    for (const inner of next.querySelectorAll("[data-key]")) {
      const old = this.known(inner);
      if (old) inner.replaceWith(old);
    }
    return next;
  }

  known(next) {
    const old = next.dataset.key === undefined ? null : this.spare.get(next.dataset.key)?.at(0);
    if (old) this.keep(old, next);
    return old;
  }
}

function isAlike(node, next) {
  if (node.nodeName !== next.nodeName) return false;
  if (node.nodeType !== Node.ELEMENT_NODE) return true;
  return node.dataset.key === next.dataset.key && node.classList[0] === next.classList[0];
}

function sameAttributes(node, next) {
  for (const { name } of [...node.attributes]) if (!next.hasAttribute(name)) node.removeAttribute(name);
  for (const { name, value } of next.attributes) {
    if (node.getAttribute(name) === value) continue;
    if (name === "style") node.style.cssText = next.style.cssText; // as text the page's policy forbids it
    else node.setAttribute(name, value);
  }
}
