// The whole box: heading, turns, question form, and the line that is always there.

import { html, nothing } from "./vendor/lit-html.js";
import { answer, suggestions } from "./answer.js";
import { AUDIENCES } from "./memory.js";
import { refusal } from "./refusal.js";

const PLACEHOLDERS = {
  clinician: "For example: and in pregnancy?",
  student: "For example: why does it happen?",
  patient: "For example: how long does it last?",
};

export function panel(chat) {
  return html`<section class="panel" aria-labelledby="title">
    ${head(chat)}
    <div class="log" id="log" tabindex="0" role="group" aria-label="Questions and answers">
      ${chat.turns.length ? html`<ol class="turns" role="list">${chat.turns.map((turn, number) =>
        html`<li>${turnView(chat, turn, number)}</li>`)}</ol>` : welcome(chat)}
    </div>
    <div class="unseen" role="status" aria-live="polite" aria-atomic="false">${
      chat.said.map((text) => html`<p>${text}</p>`)}</div>
    ${composer(chat)}
    <p class="always">Answers come from these sources only. They are no substitute for clinical judgement.${
      chat.audience === "patient" ? " Talk to the person who treats you before you change anything." : ""}</p>
  </section>`;
}

function head(chat) {
  return html`<header>
    <h2 id="title">Have a follow-up question?</h2>
    ${chat.choosesAudience ? html`<label class="audience">Wording for
      <select @change=${(event) => chat.chooseAudience(event.target.value)}>${AUDIENCES.map((one) =>
        html`<option value=${one} ?selected=${one === chat.audience}>${one}s</option>`)}</select></label>` : nothing}
    ${clearing(chat)}
  </header>`;
}

function clearing(chat) {
  if (!chat.clearing) {
    return html`<button type="button" class="plain" id="clear" ?disabled=${!chat.turns.length}
      aria-label="Clear conversation" @click=${() => chat.askToClear()}>Clear</button>`;
  }
  return html`<p class="clearing">These answers, and links to them, will be gone.
    <button type="button" class="plain" id="clear-now" @click=${() => chat.clear()}>Clear it?</button>
    <button type="button" class="plain" @click=${() => chat.keep()}>Keep it</button></p>`;
}

function welcome(chat) {
  if (chat.trouble) return html`<p class="failed" role="alert">${chat.trouble}</p>`;
  return html`<p>Ask on about what you read. The answer quotes the sources word for word, and
    says so when they do not answer.</p>
    ${suggestions(chat, "", chat.opening, html`<h3>Questions to begin with</h3>`)}`;
}

function turnView(chat, turn, number) {
  const understood = turn.record?.standalone_question;
  const same = !understood || understood === turn.question.trim().split(/\s+/).join(" ");
  return html`<article class="turn" aria-busy=${turn.state === "asking" ? "true" : "false"}>
    <h3>${turn.question}</h3>
    ${same ? nothing : html`<p class="quiet">Understood as: ${understood}</p>`}
    ${turn.state === "asking" && !turn.statements.length ? progress(turn) : nothing}
    ${turn.refusal ? refusal(chat, turn) : nothing}
    ${!turn.refusal && turn.statements.length ? answer(chat, turn, number) : nothing}
    ${turn.message ? html`<div class="failed"><p>${turn.message}</p>
      <button type="button" class="plain" @click=${() => chat.again(turn)}>Ask again</button></div>` : nothing}
  </article>`;
}

/** What is being looked through, once something was found. */
function progress(turn) {
  const documents = turn.reading?.documents ?? [];
  const named = documents.slice(0, 3).map((one) => html`<li>${one.title || one.document_id}</li>`);
  const more = documents.length - named.length;
  return html`<div class="progress"><p class="quiet">${
      documents.length ? `Looking through ${turn.reading.passages.length} passages of` : turn.waiting || "Looking for passages …"}</p>
    ${named.length ? html`<ul>${named}${more > 0 ? html`<li>${more} more</li>` : nothing}</ul>` : nothing}</div>`;
}

function composer(chat) {
  const submitted = (event) => {
    event.preventDefault();
    if (chat.asking) chat.stop();
    else chat.ask(chat.draft);
  };
  const typed = (event) => {
    // Enter asks, as in every chat; with shift it begins a new line, and while a word is being
    // composed (Japanese, Chinese) it belongs to the keyboard
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!chat.asking) chat.ask(chat.draft);
  };
  return html`<form class="composer" @submit=${submitted} novalidate>
    <label for="question">Your question</label>
    ${chat.asking ? html`<span class="quiet more">Answering …</span>` : nothing}
    <textarea id="question" rows="2" .value=${chat.draft} placeholder=${PLACEHOLDERS[chat.audience]}
      aria-invalid=${chat.mistake ? "true" : nothing} aria-describedby=${chat.mistake ? "mistake" : nothing}
      ?disabled=${chat.blocked} @keydown=${typed}
      @input=${(event) => chat.write(event.target.value)}></textarea>
    ${chat.mistake ? html`<p id="mistake" class="mistake" role="alert">${chat.mistake}</p>` : nothing}
    <button class="ask" ?disabled=${chat.blocked}>${chat.asking ? "Stop" : "Ask"}</button>
  </form>`;
}
