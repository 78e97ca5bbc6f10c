// A refusal looks like help: why there is no answer, what came nearest, what can be asked instead.

import { html, nothing } from "./vendor/lit-html.js";
import { actions } from "./actions.js";
import { certainty, suggestions } from "./answer.js";
import { spanLink } from "./card.js";
import { newsOf, spanOfPassage } from "./text.js";

export function refusal(chat, turn) {
  const { refusal: said } = turn;
  if (said.reason === "emergency") {
    return html`<p class="emergency" role="alert"><strong>Get help now.</strong> ${said.message}</p>`;
  }
  return html`<h4 class="refused">${turn.record?.certainty ? certainty(turn.record)
    : "The sources do not answer this"}</h4>
    <p>${messageOf(said)}</p>
    ${said.nearest.length ? html`<h4>Nearest passages</h4>
      <ul class="nearest" role="list">${said.nearest.map((near, position) =>
        passage(chat, near, said.nearest[position - 1] ?? { document_id: chat.client.article }))}</ul>` : nothing}
    ${suggestions(chat, "Try asking", said.try_asking)}
    ${turn.record ? actions(chat, turn) : nothing}`;
}

/** The message, with the words that nothing was found on marked. */
function messageOf({ message, unsupported }) {
  const named = (unsupported ?? []).join(", ");
  if (!named || !message.endsWith(` ${named}.`)) return message;
  return html`${message.slice(0, -named.length - 1)}<mark>${named}</mark>.`;
}

/** What the line before named is not named again; before the first stands the text that was asked. */
function passage(chat, near, before) {
  const [start, end] = near.end ? [near.start, near.end] : spanOfPassage(near.passage_id);
  const known = before.document_id === near.document_id;
  const news = newsOf(near.section, near.title, known ? before.section : "");
  const named = known ? "" : near.title || (news ? "" : near.document_id);
  const where = [named, news].filter(Boolean).join(" › ");
  return html`<li>${where ? html`<p class="where">${where}</p>` : nothing}
    <blockquote>${(near.lead_ins ?? []).map((one) => html`<span class="lead-in">${one}</span> `)}${
      near.quote}</blockquote>
    <p class="meta">${spanLink(chat, near.document_id, start, end)}</p></li>`;
}
