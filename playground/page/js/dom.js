// Elements without HTML: what anybody wrote becomes text, never markup.

/** An element. `props`: `class`, `text`, `on` ({event: handler}), `data` ({name: value}); true sets an
 * attribute without a value, null and false leave it out; all else is an attribute. Children: nodes, texts,
 * arrays of them; null and false are left out. */
export function h(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) set(node, key, value);
  node.append(...flat(children));
  return node;
}

function set(node, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key === "class") node.classList.add(...String(value).split(" ").filter(Boolean));
  else if (key === "text") node.textContent = value;
  else if (key === "on") for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
  else if (key === "data") Object.assign(node.dataset, value);
  else if (key === "value") node.value = value;
  else node.setAttribute(key, value === true ? "" : String(value));
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Replace all that is in a node. */
export function fill(node, ...children) {
  node.replaceChildren(...flat(children));
  return node;
}

let numbers = 0;

/** An id that no other element has, to tie labels and fields together. */
export function freshId(prefix) {
  numbers += 1;
  return `${prefix}-${numbers}`;
}
