// An answer: statements with their citation numbers and cards, how sure it is, and its sources.

import { html, nothing } from "./vendor/lit-html.js";
import { actions } from "./actions.js";
import { badge, card, outside } from "./card.js";
import { explained, linesOf, partly } from "./text.js";
import { byMarker } from "./turn.js";

/** The statements that are there so far, and around them what is known when all is done. */
export function answer(chat, turn, number) {
  const seen = new Set();
  return html`<ol class="statements" role="list">${turn.statements.map((statement, position) =>
      statementView(chat, turn, { statement, seen, id: `t${number}s${position}` }))}</ol>
    ${turn.record ? finished(chat, turn) : nothing}`;
}

function statementView(chat, turn, { statement, seen, id }) {
  const lines = linesOf(statement, chat.audience, seen);
  const groups = byMarker(statement);
  const shown = lines.map((line, position) => html`<p class="line depth-${line.depth}">${
    line.pieces.map(piece)}${position === lines.length - 1
    ? groups.map(([marker]) => markerButton(chat, turn, marker, `${id}m${marker}`)) : nothing}</p>`);
  const cards = groups.map(([marker, citations]) => card(chat, {
    id: `${id}m${marker}`,
    marker,
    citations,
    reference: turn.references.get(marker),
    open: turn.open.has(`${id}m${marker}`),
    close: () => chat.closeCard(turn, `${id}m${marker}`),
  }));
  return html`<li>${shown}${cards}</li>`;
}

function piece(part) {
  if (part.added) return html`<span class="added">${part.text}</span>`;
  return part.term?.meaning ? html`<span class="term">${part.text}</span>` : part.text;
}

function markerButton(chat, turn, marker, id) {
  const retracted = turn.references.get(marker)?.retracted;
  return html` <button type="button" class="marker ${retracted ? "retracted" : ""}"
    data-card=${id} aria-controls=${id} aria-expanded=${turn.open.has(id) ? "true" : "false"}
    aria-label="Source ${marker}${retracted ? ", retracted" : ""}"
    @keydown=${(event) => event.key === "Escape" && turn.open.has(id) && chat.closeCard(turn, id)}
    @click=${() => chat.toggleCard(turn, id)}>${marker}</button>`;
}

function finished(chat, turn) {
  const { record } = turn;
  const words = chat.audience === "clinician" ? [] : explained(record.statements);
  const missing = partly(record);
  return html`${record.certainty ? html`<p class="certainty">${certainty(record)}.</p>` : nothing}
    ${missing ? html`<p class="notice">${missing}.</p>` : nothing}
    ${record.notices.map((notice) => html`<p class="notice">${notice}</p>`)}
    ${record.struck?.length ? html`<details class="words">
      <summary>Not shown, because the cited texts do not support it</summary>
      <ul>${record.struck.map((one) => html`<li><s>${one.text}</s> <span class="quiet">${
        one.reasons.join("; ") || one.verdict.replace("_", " ")}</span></li>`)}</ul>
    </details>` : nothing}
    ${words.length ? html`<details class="words" ?open=${chat.audience === "patient"}>
      <summary>Words explained</summary>
      <dl>${words.map(({ word, meaning }) => html`<dt>${word}</dt><dd>${meaning}</dd>`)}</dl>
    </details>` : nothing}
    <h4>Sources</h4>
    ${listed("sources", record.references, ({ marker }) => marker)}
    ${record.references.map(({ marker, document_id: id }) => citedThere(record, marker, id))}
    ${actions(chat, turn)}
    ${suggestions(chat, "Ask next", record.suggestions)}`;
}

const MARKS = { high: "●●●", good: "●●○", fair: "●○○", none: "○○○" };

/** How sure the answer is: words, and a mark that says the same by its shape. */
export function certainty({ certainty: { level, words } }) {
  return html`<span class="dots" aria-hidden="true">${MARKS[level]}</span> ${words}`;
}

function listed(kind, works, numberOf) {
  return html`<ol class=${kind} role="list">${works.map((one) => html`<li>
      <span class="number">${numberOf(one)}</span>
      <div>${badge(one)} ${one.formatted} ${outside(one, { named: false })}</div></li>`)}</ol>`;
}

/** What a quoted article cites at its quotes, by its own numbers. */
function citedThere(record, marker, id) {
  const papers = (record.cited ?? []).filter((paper) => paper.article === id);
  if (!papers.length) return nothing;
  return html`<h4>Papers that [${marker}] cites there, by its numbers</h4>${listed("papers", papers, ({ number }) => number)}`;
}

export function suggestions(chat, title, questions, heading = html`<h4>${title}</h4>`) {
  if (!questions?.length) return nothing;
  return html`${heading}
    <ul class="suggestions" role="list">${questions.map((question) => html`<li>
      <button type="button" class="suggestion" @click=${() => chat.ask(question, true)}>${question}</button>
    </li>`)}</ul>`;
}
