// What people do with a message: press its buttons, choose in its menus, run an app's command on it, delete it.
import * as api from "./api.js";
import { h } from "./dom.js";
import { openModal } from "./modal.js";
import { here, manner, on, state, tell } from "./state.js";

const NO_ANSWER = "This interaction failed";
const PATIENCE = 5; // seconds: the playground itself gives up after three

const pending = new Set(); // keys of the components that wait for the bot
const failures = new Map(); // by message, what went wrong with the last thing that was pressed there
const waiting = new Map(); // by interaction, who wants to know how it ended

/** Press a button (no `values`) or choose in a select menu. */
export async function press(message, component, values) {
  const { id: user } = state.user;
  const key = keyOf(message.id, component.custom_id);
  if (pending.has(key)) return;
  pending.add(key);
  failures.delete(message.id);
  showAll(message.id);
  const body = { user, message: message.id, custom_id: component.custom_id, values, ...manner() };
  try {
    const sentence = await outcome(() => api.useComponent(body), NO_ANSWER);
    if (sentence && user === state.user.id) failures.set(message.id, sentence);
  } finally {
    pending.delete(key);
    showAll(message.id);
  }
}

/** Run an app's command from a message's menu. That it failed says the conversation, as for any command. */
export async function runMenu(message, commandName) {
  const sentence = await outcome(() => api.runContext({ ...here(), name: commandName, message: message.id }), null);
  if (!sentence) return;
  failures.set(message.id, sentence);
  showAll(message.id);
}

/** See an interaction through that `user` has begun: a form that the bot answers with is shown. */
export async function follow(id, { user }) {
  const sentence = await outcome(() => id, null, user);
  if (sentence) tell("notice", sentence);
}

/** Delete a message, or dismiss one that only this person sees. */
export async function deleteMessage(message) {
  try {
    await api.removeMessage(message.id, state.user.id);
  } catch (error) {
    tell("notice", sentenceOf(error));
  }
}

/** Show on a message what waits for the bot and what failed. Whoever renders a message calls it. */
export function showState(article) {
  const { id } = article.dataset;
  for (const node of article.querySelectorAll("[data-custom-id]")) {
    const isPending = pending.has(keyOf(id, node.dataset.customId));
    node.classList.toggle("pending", isPending);
    if (isPending) node.setAttribute("aria-busy", "true");
    else node.removeAttribute("aria-busy");
  }
  const sentence = failures.get(id) ?? "";
  const shown = article.querySelector(":scope > .failed");
  if (shown?.textContent === sentence) return;
  shown?.remove();
  if (sentence) article.append(h("p.failed", { role: "alert", text: sentence }));
}

/** Send an interaction and see it through; the sentence about what went wrong, or nothing. A form is shown only to
 * whoever asked for it, not to another person who is being played by now. */
async function outcome(send, ifFailed, user = state.user.id) {
  try {
    const ended = await settled(await send());
    if (ended.status !== "acknowledged") return ifFailed;
    if (ended.modal && user === state.user.id) openModal(ended);
    return null;
  } catch (error) {
    return sentenceOf(error);
  }
}

/** The interaction once the bot has answered or failed to: whichever is first of the stream of events and asking. */
async function settled(id) {
  const told = new Promise((resolve) => waiting.set(id, resolve));
  try {
    return await Promise.race([told, api.interaction(id, PATIENCE)]);
  } finally {
    waiting.delete(id);
  }
}

function sentenceOf(error) {
  if (error instanceof api.Refusal) return error.message;
  throw error;
}

function keyOf(message, customId) {
  return `${state.user.id} ${message} ${customId}`;
}

function showAll(messageId) {
  for (const article of document.querySelectorAll("article[data-id]")) {
    if (article.dataset.id === messageId) showState(article);
  }
}

on("interaction", (interaction) => {
  if (interaction.status !== "pending") waiting.get(interaction.id)?.(interaction);
});

on("user", () => failures.clear()); // they were the other person's
