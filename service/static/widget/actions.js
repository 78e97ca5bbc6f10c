// What can be done with an answer: rate, copy, export, link, see how long it took.

import { html, nothing } from "./vendor/lit-html.js";

const FORMATS = [
  ["Markdown", "markdown"], ["BibTeX", "bibtex"], ["RIS", "ris"], ["CSL-JSON", "csl-json"],
  ["Vancouver", "vancouver"],
];

export function actions(chat, turn) {
  const { record } = turn;
  const { client } = chat;
  const rate = (rating, label) => html`<button type="button" class="plain"
    aria-pressed=${turn.rating === rating ? "true" : "false"}
    @click=${() => chat.rate(turn, rating)}>${label}</button>`;
  const download = ([label, format]) => html`<a href=${client.exportOf(record.answer_id, format)}
    download>${label}</a> `;
  return html`<div class="actions" role="group" aria-label="This answer">
      ${rate("up", "Helpful")}${rate("down", "Not helpful")}
      <button type="button" class="plain" @click=${() => chat.copy(turn)}>Copy as text</button>
      <a class="plain" href=${client.permalink(record.answer_id)}
        target=${client.embedded ? "_blank" : nothing} rel="noopener">Link to this answer</a>
      <details><summary>Export</summary><p>${FORMATS.map(download)}</p></details>
      <details><summary>Time per stage</summary>${timings(record.timings_ms)}</details>
    </div>
    ${turn.copied ? html`<p class="quiet" role="status">${turn.copied}</p>` : nothing}
    ${turn.copyText ? html`<label class="by-hand">The answer as text
      <textarea readonly rows="6" .value=${turn.copyText}></textarea></label>` : nothing}
    ${comment(chat, turn)}${imprint(record)}`;
}

function comment(chat, turn) {
  if (turn.rated) return html`<p class="quiet" role="status">${turn.rated}</p>`;
  if (!turn.rating) return nothing;
  const send = (event) => {
    event.preventDefault();
    chat.rate(turn, turn.rating, event.target.elements.comment.value.trim());
  };
  return html`<form class="comment" @submit=${send}>
    <label>Your comment (optional)
      <textarea name="comment" rows="2" maxlength="2000"></textarea></label>
    <p class="quiet">Please write nothing about a patient.</p>
    <button class="plain">Send comment</button></form>`;
}

function timings(stages) {
  const shown = Object.entries(stages);
  return html`<table><tbody>${shown.map(([stage, ms]) => html`<tr>
    <th scope="row">${stage}</th><td>${Math.round(ms)} ms</td></tr>`)}</tbody></table>`;
}

/** What a printed answer must carry to be found again. */
function imprint(record) {
  const corpus = record.provenance.corpus_fingerprint.slice(0, 12);
  const status = record.review_status?.replace("-", " ");
  return html`<p class="imprint">Answer ${record.answer_id}. Corpus ${corpus}${
    record.corpus_date ? html`, article of ${record.corpus_date}` : nothing}.${
    status ? html` Review status: ${status}.` : nothing}</p>`;
}
