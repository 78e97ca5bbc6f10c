// <sequitur-chat article="slug" [server] [audience]>: ask on about an article.
//
// `server` defaults to where this script came from. Without `audience` the box asks for it. A page
// can take the event `sequitur-show` ({document_id, start, end}) and show the span itself.

import { render } from "./vendor/lit-html.js";
import { Client } from "./client.js";
import { ConnectionLost, Problem } from "./events.js";
import { AUDIENCES, Conversation, rememberAudience, rememberedAudience } from "./memory.js";
import { panel } from "./panel.js";
import { copied } from "./copying.js";
import { MESSAGES, attempt, found, paused } from "./reaching.js";
import { Turn } from "./turn.js";

const ROOT = new URL("../../", import.meta.url).href;

const sheet = new CSSStyleSheet();
const style = fetch(new URL("./chat.css", import.meta.url))
  .then((response) => response.text())
  .then((text) => sheet.replace(text))
  .catch(() => {}); // plain, but usable

class SequiturChat extends HTMLElement {
  static observedAttributes = ["audience", "article", "server"];

  turns = [];
  said = []; // whole sentences for the live region
  opening = []; // questions to begin with
  draft = "";
  mistake = "";
  trouble = ""; // why nothing can be asked from this page
  clearing = false;
  #drawing = false;
  #abort = null;
  #chosen = rememberedAudience();
  #left = null; // where the reader was before a span was shown

  connectedCallback() {
    if (!this.shadowRoot) {
      this.draft = this.querySelector("textarea")?.value ?? "";
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
      this.addEventListener("sequitur-return", () => this.#returned());
    }
    this.#begin();
  }

  disconnectedCallback() {
    this.#abort?.abort();
  }

  attributeChangedCallback(name, before, after) {
    if (!this.client || before === after) return;
    if (name === "audience") this.draw();
    else this.#begin();
  }

  get audience() {
    const named = this.getAttribute("audience");
    return AUDIENCES.includes(named) ? named : this.#chosen;
  }

  get choosesAudience() {
    return !this.hasAttribute("audience");
  }

  get asking() {
    return this.turns.some((turn) => turn.state === "asking");
  }

  get blocked() {
    return Boolean(this.trouble);
  }

  /** Ask a question, `alone` by itself; a second one waits until the first is answered or stopped. */
  async ask(question, alone = false) {
    if (this.asking || this.blocked) return;
    const text = question.trim();
    this.mistake = text ? "" : "Write a question.";
    this.clearing = false;
    if (text) {
      const turn = new Turn(text, alone);
      this.turns = [...this.turns, turn];
      if (text === this.draft.trim()) this.draft = "";
      await this.#answer(turn);
    } else {
      this.draw();
      this.#find("#question").focus();
    }
  }

  again(turn) {
    turn.restart();
    this.#find("#question").focus();
    return this.#answer(turn);
  }

  /** Stop the question that is being answered; the server forgets it too. */
  async stop() {
    const turn = this.turns.find((one) => one.state === "asking");
    this.#abort?.abort();
    turn.fail("stopped", MESSAGES.stopped);
    this.said = [MESSAGES.stopped];
    this.draw();
    try {
      await this.client.stop(this.conversation.id);
    } catch {
      // it could not be told; an answer that is finished there shows up after a reload
    }
  }

  async rate(turn, rating, comment = "") {
    turn.rating = rating;
    try {
      await this.client.rate(turn.record.answer_id, rating, comment);
      turn.rated = comment ? "Thank you; your comment was sent." : "";
      this.said = [turn.rated || "Thank you."];
    } catch (error) {
      turn.rating = null;
      turn.rated = error instanceof Problem ? error.message : MESSAGES.unreachable;
    }
    this.draw();
  }

  async copy(turn) {
    const text = this.client.asText(turn.record.answer_id);
    turn.copied = (await copied(text)) ? "Copied." : "";
    turn.copyText = turn.copied ? "" : await text.catch(() => "");
    if (!turn.copied && !turn.copyText) turn.copied = MESSAGES.unreachable;
    this.draw();
  }

  toggleCard(turn, id) {
    if (!turn.open.delete(id)) turn.open.add(id);
    this.draw();
  }

  closeCard(turn, id) {
    turn.open.delete(id);
    this.draw();
    this.#find(`[data-card="${id}"]`)?.focus();
  }

  askToClear() {
    this.clearing = true;
    this.draw();
    this.#find("#clear-now").focus();
  }

  keep() {
    this.clearing = false;
    this.draw();
    this.#find("#clear").focus();
  }

  async clear() {
    try {
      await this.client.erase(this.conversation.id);
    } catch (error) {
      this.mistake = error instanceof Problem ? error.message : MESSAGES.unreachable;
      this.keep();
      return;
    }
    this.conversation.forget();
    Object.assign(this, { turns: [], clearing: false, said: ["The conversation was cleared."] });
    this.draw();
    this.#find("#question").focus();
  }

  chooseAudience(audience) {
    this.#chosen = audience;
    rememberAudience(audience);
    this.draw();
  }

  write(text) {
    this.draft = text;
    if (this.mistake) this.mistake = "";
    this.draw();
  }

  /** Offer a span to the page; true when the page shows it. */
  showSpan(detail) {
    this.#left = this.shadowRoot.activeElement;
    const options = { detail, bubbles: true, composed: true, cancelable: true };
    return !this.dispatchEvent(new CustomEvent("sequitur-show", options));
  }

  #returned() {
    (this.#left ?? this.#find("#question")).focus();
  }

  /** Draw once for all changes of this moment. The first time waits for the style. */
  async draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    await style;
    this.#drawing = false;
    render(panel(this), this.shadowRoot);
  }

  #find(selector) {
    render(panel(this), this.shadowRoot);
    return this.shadowRoot.querySelector(selector);
  }

  async #begin() {
    const server = new URL(this.getAttribute("server") ?? ROOT, document.baseURI).href;
    const article = this.getAttribute("article") ?? "";
    this.#abort?.abort();
    this.client = new Client(server.endsWith("/") ? server : `${server}/`, article);
    this.conversation = new Conversation(this.client.server, article);
    Object.assign(this, { turns: [], opening: [], trouble: "", said: [] });
    this.draw();
    await Promise.all([this.#restore(), this.#open()]);
    this.draw();
  }

  async #open() {
    const { client } = this;
    try {
      const opening = await client.suggestions();
      if (client === this.client) this.opening = opening;
    } catch (error) {
      if (client !== this.client) return;
      if (error instanceof Problem && error.status === 404) this.trouble = MESSAGES.unknown;
      const denied = error instanceof ConnectionLost && (await client.diagnosis()) === "not-allowed";
      if (denied) this.trouble = MESSAGES["not-allowed"];
    }
  }

  /** Show the conversation again that this tab had. */
  async #restore() {
    const { client, conversation } = this;
    if (!conversation.known) return;
    try {
      const { turns: records, running } = await client.conversation(conversation.id);
      if (client !== this.client || this.asking) return;
      this.turns = records.filter((one) => one.article === client.article).map(Turn.of);
      if (!records.length && !running) conversation.forget();
      this.draw();
      await style;
      this.#toTurn(this.turns.at(-1));
      // a question was still being answered when the page was left
      if (running) paused(1000).then(() => this.isConnected && this.#restore());
    } catch {
      this.mistake = this.trouble ? "" : MESSAGES.unrestored;
    }
  }

  async #answer(turn) {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.said = [];
    this.draw();
    this.#toTurn(turn);
    try {
      await this.#stream(turn, signal);
    } catch (error) {
      if (signal.aborted || turn.state !== "asking") return;
      await this.#mend(turn, error, signal);
    }
    if (turn.message) this.said = [turn.message];
    this.draw();
  }

  async #stream(turn, signal) {
    const waiting = (text) => {
      turn.waiting = text;
      this.draw();
    };
    const events = attempt(
      () => this.client.ask(turn, this.conversation.id, this.audience, signal), waiting, signal);
    for await (const [name, data] of events) {
      if (name === "error") throw new Problem(data);
      const announced = turn.take(name, data);
      if (announced) this.said = [...this.said, announced];
      this.draw();
    }
    if (turn.state === "asking") throw new ConnectionLost("ended early", true);
  }

  /** After a failure: take the answer from the conversation where it was finished all the same. */
  async #mend(turn, error, signal) {
    if (error instanceof Problem) {
      turn.fail("failed", error.message);
      return;
    }
    const unsent = error.begun ? "lost" : await this.client.diagnosis();
    if (turn.state !== "asking") return;
    if (unsent !== "lost") {
      turn.fail("failed", MESSAGES[unsent]);
      return;
    }
    turn.waiting = MESSAGES.resuming;
    turn.reading = null;
    this.draw();
    const known = new Set(this.turns.map((one) => one.record?.answer_id));
    const record = await found(this.client, this.conversation.id, turn.question, known, signal);
    if (turn.state !== "asking") return;
    if (record) {
      turn.finish(record);
      this.said = record.statements.map((one) => one.text);
      return;
    }
    const reason = await this.client.diagnosis();
    if (turn.state === "asking") turn.fail("failed", MESSAGES[reason]);
  }

  #toTurn(turn) {
    const number = this.turns.indexOf(turn);
    const log = this.#find("#log");
    if (!turn) return;
    const shown = log.querySelectorAll(".turn")[number];
    if (shown) log.scrollTop += shown.getBoundingClientRect().top - log.getBoundingClientRect().top;
  }
}

if (!customElements.get("sequitur-chat")) customElements.define("sequitur-chat", SequiturChat);
