// Sending a form: once at a time, and what the server refuses is said in it.
import { Refusal } from "./api.js";

/** What a form's `submit` event does: `send` is called, `button` waits for it, `problem` has what was refused. */
export function submitting({ button, problem, send }) {
  let isBusy = false;
  return async (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    button.setAttribute("aria-disabled", "true");
    problem.textContent = "";
    try {
      await send();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problem.textContent = error.message;
    } finally {
      isBusy = false;
      button.setAttribute("aria-disabled", "false");
    }
  };
}
