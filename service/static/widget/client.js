// The HTTP side: one server, one article, one conversation.

import { ConnectionLost, Problem, eventsOf } from "./events.js";

const JSON_TYPE = { "Content-Type": "application/json" };

export class Client {
  /** `server` is the address of the program's root, ending in a slash. */
  constructor(server, article) {
    this.server = server;
    this.article = article;
    this.answered = false; // true once the server let this page read an answer of its own
  }

  get embedded() {
    return new URL(this.server).origin !== location.origin;
  }

  pageOf(documentId) {
    return `${this.server}articles/${encodeURIComponent(documentId)}`;
  }

  spanOf(documentId, start, end) {
    return `${this.pageOf(documentId)}#at-${start}-${end}`;
  }

  permalink(answerId) {
    return `${this.server}answers/${answerId}`;
  }

  exportOf(answerId, format) {
    return `${this.server}v1/answers/${answerId}/export?format=${format}`;
  }

  /** Yield the events of a question: [name, data]; `alone`: earlier ones are not read with it. */
  async *ask({ question, alone }, conversation, audience, signal) {
    const body = { question, conversation_id: conversation, stream: true };
    if (alone) body.history = [];
    if (audience) body.audience = audience;
    const path = `v1/articles/${encodeURIComponent(this.article)}/questions`;
    const response = await this.#send(path, {
      method: "POST", headers: JSON_TYPE, body: JSON.stringify(body), signal,
    });
    yield* eventsOf(response);
  }

  /** Questions to begin with. */
  async suggestions() {
    const path = `v1/articles/${encodeURIComponent(this.article)}/suggestions`;
    return (await (await this.#send(path)).json()).suggestions;
  }

  /** A conversation: {turns, running}; its answer records, oldest first, and how many questions
   * are still being answered. Nothing of either when it is not known. */
  async conversation(id) {
    try {
      return await (await this.#send(`v1/conversations/${id}`)).json();
    } catch (error) {
      if (error.status === 404) return { turns: [], running: 0 };
      throw error;
    }
  }

  async erase(conversation) {
    try {
      await this.#send(`v1/conversations/${conversation}`, { method: "DELETE" });
    } catch (error) {
      if (error.status !== 404) throw error;
    }
  }

  stop(conversation) {
    return this.#send(`v1/conversations/${conversation}/running`, { method: "DELETE" });
  }

  rate(answerId, rating, comment) {
    const body = JSON.stringify(comment ? { rating, comment } : { rating });
    return this.#send(`v1/answers/${answerId}/feedback`, {
      method: "POST", headers: JSON_TYPE, body,
    });
  }

  async asText(answerId) {
    const response = await this.#send(`v1/answers/${answerId}/export?format=vancouver`);
    return response.text();
  }

  /** Tell why nothing came back: "offline", "unreachable", "not-allowed" or "lost". */
  async diagnosis() {
    if (navigator.onLine === false) return "offline";
    try {
      // the script itself may be read from every site, so that it tells whether the server is there
      await fetch(`${this.server}widget.js`, { cache: "no-store" });
    } catch {
      return "unreachable";
    }
    return this.embedded && !this.answered ? "not-allowed" : "lost";
  }

  async #send(path, options = {}) {
    let response;
    try {
      response = await fetch(this.server + path, { credentials: "omit", ...options });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ConnectionLost(error.message, false);
    }
    this.answered = true;
    if (response.ok) return response;
    const record = await response.json().catch(() => null);
    const retryAfterS = Number(response.headers.get("Retry-After")) || 0;
    throw new Problem({ status: response.status, ...record }, retryAfterS);
  }
}
