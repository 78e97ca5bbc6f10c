// The card of a citation: the quote, the source, the way to its text.

import { html, nothing } from "./vendor/lit-html.js";
import { newsOf, webAddress } from "./text.js";

const BADGES = { article: "Article", guideline: "Guideline", research: "Research" };

function capitalised(words) {
  return words ? words[0].toUpperCase() + words.slice(1) : words;
}

export function badge(reference) {
  const label = reference.evidence_label;
  return html`<span class="badge ${reference.kind}">${BADGES[reference.kind] ?? reference.kind}</span>
    ${reference.stored === "abstract" ? html`<span class="badge">Abstract only</span>` : nothing}
    ${reference.retracted ? html`<strong class="badge retracted">Retracted</strong>` : nothing}
    ${label && label !== reference.kind ? html`<span class="badge">${capitalised(label)}</span>` : nothing}
    ${reference.concern ? html`<strong class="badge retracted">Expression of concern</strong>` : nothing}
    ${reference.corrected ? html`<span class="badge">Corrected</span>` : nothing}
    ${reference.notice_of ? html`<strong class="badge">${capitalised(reference.notice_of)}</strong>` : nothing}`;
}

/** Links out of the page: identifiers first, an own address only where there is none.
 *
 * `named` labels them with the identifiers, beside a line that does not print them.
 */
export function outside(reference, { named }) {
  const links = [];
  if (reference.doi) {
    const doi = encodeURIComponent(reference.doi).replaceAll("%2F", "/");
    links.push([named ? `doi:${reference.doi}` : "DOI", `https://doi.org/${doi}`]);
  }
  if (/^[0-9]+$/.test(reference.pmid ?? "")) {
    const label = named ? `PMID\u00a0${reference.pmid}` : "PubMed";
    links.push([label, `https://pubmed.ncbi.nlm.nih.gov/${reference.pmid}/`]);
  }
  if (!links.length && reference.kind !== "article" && webAddress(reference.url)) {
    links.push(["Web page", reference.url]);
  }
  return links.map(([label, href]) =>
    html`<a href=${href} target="_blank" rel="noopener noreferrer">${label}</a> `);
}

/** Where a span can be read: on this page, or in its own text. */
export function spanLink(chat, documentId, start, end) {
  const here = documentId === chat.client.article;
  const shown = (event) => {
    if (chat.showSpan({ document_id: documentId, start, end })) event.preventDefault();
  };
  return html`<a class="show" href=${chat.client.spanOf(documentId, start, end)}
    target=${chat.client.embedded ? "_blank" : nothing} rel="noopener" @click=${shown}>${
    here ? "Show in article" : "Show in its text"}</a>`;
}

function quoted(chat, citation, before, title) {
  const section = newsOf(citation.section, title, before?.section);
  const cites = citation.article_references ?? [];
  return html`${section ? html`<p class="meta">${section}</p>` : nothing}
    <blockquote>${citation.quote}</blockquote>
    <p class="meta">${cites.length ? html`<span>The article cites ${cites.join(", ")} here.</span> ` : nothing}${
      spanLink(chat, citation.document_id, citation.start, citation.end)}</p>`;
}

/** One card; it stays in the page when closed, so that it can be printed. */
export function card(chat, { id, marker, citations, reference, open, close }) {
  const escape = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  };
  return html`<div class="card" role="group" id=${id} aria-label="Source ${marker}" ?hidden=${!open}
      @keydown=${escape}>
    ${citations.map((citation, position) => quoted(chat, citation, citations[position - 1], reference?.title))}
    ${reference ? html`<p class="source">${badge(reference)} <span class="title">${
        reference.title}</span>${[reference.journal, reference.year].filter(Boolean).map((fact) =>
        html` <span class="fact">${fact}</span>`)}</p>
      <p class="meta">${outside(reference, { named: true })}</p>`
    : nothing}
    <button type="button" class="plain" @click=${close}>Close</button>
  </div>`;
}
