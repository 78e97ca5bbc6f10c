// A refusal looks like help: why there is no answer, what came nearest, what can be asked instead.

import { html, nothing } from "./vendor/lit-html.js";
import { actions } from "./actions.js";
import { suggestions } from "./answer.js";
import { spanLink } from "./card.js";
import { spanOfPassage } from "./text.js";

const TITLES = {
  instruction: "That is not a question for these sources",
  not_a_question: "That did not read as a question",
  too_long: "That is too long for one question",
  empty: "There was no question",
  not_approved: "Not approved yet",
};

export function refusal(chat, turn) {
  const { refusal: said } = turn;
  if (said.reason === "emergency") {
    return html`<p class="emergency" role="alert"><strong>Get help now.</strong> ${said.message}</p>`;
  }
  return html`<h4 class="refused">${TITLES[said.reason] ?? "These sources do not answer that"}</h4>
    <p>${messageOf(said)}</p>
    ${said.nearest.length ? html`<h4>Nearest passages</h4>
      <ul class="nearest" role="list">${said.nearest.map((near) => passage(chat, near))}</ul>` : nothing}
    ${suggestions(chat, "Try asking", said.try_asking)}
    ${turn.record ? actions(chat, turn) : nothing}`;
}

/** The message, with the words that nothing was found on marked. */
function messageOf({ message, unsupported }) {
  const named = (unsupported ?? []).join(", ");
  if (!named || !message.endsWith(` ${named}.`)) return message;
  return html`${message.slice(0, -named.length - 1)}<mark>${named}</mark>.`;
}

function passage(chat, near) {
  const [start, end] = spanOfPassage(near.passage_id);
  const where = [near.title, near.section].filter(Boolean).join(" › ") || near.document_id;
  return html`<li><blockquote>${near.quote}</blockquote>
    <p class="meta"><span>${where}</span> ${spanLink(chat, near.document_id, start, end)}</p></li>`;
}
