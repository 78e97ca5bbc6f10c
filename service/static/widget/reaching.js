// When the server is not there yet, not there any more, or not for this page.

import { ConnectionLost, Problem } from "./events.js";

const STARTING_TRIES = 30;
const RESUMING_MS = [300, 1000, 2000, 4000, 8000];

export const MESSAGES = {
  stopped: "Stopped. Nothing of this question was kept.",
  resuming: "The connection was lost. Looking for the answer …",
  lost: "The connection was lost before the answer was complete.",
  offline: "You are offline. The question can be asked again when the connection is back.",
  unreachable: "The server cannot be reached at the moment.",
  unrestored: "The earlier questions cannot be shown: the server cannot be reached.",
  unknown: "This article is not in the library.",
  "not-allowed": "This site is not on the list of sites that may use this assistant.",
};

/** Wait, or until the signal ends it. */
export function paused(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

/** Yield the events of `ask()`; while the server says that it is starting, try again. */
export async function* attempt(ask, waiting, signal) {
  for (let tries = 1; ; tries += 1) {
    try {
      yield* ask();
      return;
    } catch (error) {
      const starting = error instanceof Problem && error.status === 503 && error.retryAfterS > 0;
      if (!starting || tries === STARTING_TRIES || signal.aborted) throw error;
      waiting("The server is starting …");
      await paused(error.retryAfterS * 1000, signal);
      if (signal.aborted) throw error;
    }
  }
}

/** Return the answer to `question` that the conversation got meanwhile, or null.
 *
 * While the server says that it is still working, it is asked again and again; while it cannot be
 * reached, a few times.
 */
export async function found(client, conversation, question, known, signal) {
  for (let failures = 0; failures < RESUMING_MS.length && !signal.aborted;) {
    await paused(RESUMING_MS[failures], signal);
    try {
      const { turns, running } = await client.conversation(conversation);
      const record = turns.findLast((one) => one.question === question && !known.has(one.answer_id));
      if (record || !running) return record ?? null;
      failures = 1; // it is there: ask every second
    } catch (error) {
      if (!(error instanceof ConnectionLost)) return null;
      failures += 1;
    }
  }
  return null;
}
