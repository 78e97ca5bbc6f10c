// Sends the question box to the endpoint and shows the answer without a reload.
// Builds the elements of templates/answer.html; texts are only ever inserted as text.

const box = document.getElementById("ask");
const form = document.getElementById("question-form");
const answers = document.getElementById("answer");
const mistake = document.getElementById("mistake");
const here = box.dataset.document;

/** Make an element: attributes that are null are left out, strings become text. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

function webAddress(url) {
  try {
    return ["http:", "https:"].includes(new URL(url).protocol) ? url : null;
  } catch {
    return null;
  }
}

const pagePath = (id) => `/articles/${encodeURIComponent(id)}`;

/** Where a span can be seen: here by its block, elsewhere by its offsets. */
function spanAddress(id, start, end) {
  return id === here ? `#at-${start}-${end}` : `${pagePath(id)}#at-${start}-${end}`;
}

function sourceLinks(source) {
  if (source.kind === "article") return [["Article", pagePath(source.document_id)]];
  const links = [];
  const doi = source.doi && encodeURIComponent(source.doi).replaceAll("%2F", "/");
  if (doi) links.push(["DOI", `https://doi.org/${doi}`]);
  if (/^[0-9]+$/.test(source.pmid ?? "")) {
    links.push(["PubMed", `https://pubmed.ncbi.nlm.nih.gov/${source.pmid}/`]);
  }
  if (!links.length && webAddress(source.url)) links.push(["Web page", source.url]);
  return links;
}

function quoted(text, where, href) {
  return make("li", {},
    make("blockquote", {}, text),
    make("p", { class: "meta" }, where, " ", make("a", { href }, "Show it in its text")));
}

function whereOf(citation) {
  const number = citation.reference === null ? "" : `, reference ${citation.reference}`;
  return `[${citation.marker}] ${citation.section ?? citation.document_id}${number}`;
}

function statement(one) {
  const lines = one.text.split("\n").map((line) => {
    const listed = /^( *)- /.exec(line);
    const depth = listed ? 1 + Math.floor(listed[1].length / 2) : 0;
    const text = listed ? line.slice(listed[0].length) : line;
    return make("p", { class: `line depth-${Math.min(depth, 4)}` }, text);
  });
  const markers = new Map();
  for (const citation of one.citations) {
    if (!markers.has(citation.marker)) markers.set(citation.marker, citation);
  }
  for (const [marker, citation] of markers) {
    const href = spanAddress(citation.document_id, citation.start, citation.end);
    const label = `Source ${marker}`;
    lines.at(-1).append(" ", make("a", { class: "marker", href, "aria-label": label }, `[${marker}]`));
  }
  const quotes = one.citations.map((citation) => quoted(
    citation.quote, whereOf(citation),
    spanAddress(citation.document_id, citation.start, citation.end)));
  return make("li", {}, ...lines, make("details", {},
    make("summary", {}, quotes.length === 1 ? "Quoted passage" : "Quoted passages"),
    make("ul", { class: "quotes", role: "list" }, ...quotes)));
}

function answered(record) {
  const sources = record.references.map((source) => {
    const links = sourceLinks(source).flatMap(([label, href]) => [" ", make("a", { href }, label)]);
    const note = source.note ? make("span", { class: "quiet" }, source.note) : null;
    return make("li", {}, `[${source.marker}] `, make("span", { class: "badge" }, source.kind),
      ` ${source.formatted}`, ...links, note && " ", note);
  });
  return [
    make("ol", { class: "statements", role: "list" }, ...record.statements.map(statement)),
    make("h4", {}, "Sources"),
    make("ol", { class: "sources", role: "list" }, ...sources),
  ];
}

function suggested(title, texts) {
  if (!texts.length) return [];
  const questions = texts.map((text) => {
    const button = make("button", { type: "button" }, text);
    button.addEventListener("click", () => ask(text));
    return make("div", { class: "suggestion" }, button);
  });
  return [make("section", { class: "suggestions" }, make("h4", {}, title), ...questions)];
}

/** The message of a refusal: help first in an emergency, else with its unsupported words marked. */
function refusalMessage(refusal) {
  if (refusal.reason === "emergency") {
    return make("p", { class: "emergency", role: "alert" },
      make("strong", {}, "Get help now."), ` ${refusal.message}`);
  }
  const named = (refusal.unsupported ?? []).join(", ");
  const marked = named && refusal.message.endsWith(` ${named}.`);
  const said = marked ? refusal.message.slice(0, -named.length - 1) : refusal.message;
  return make("p", { class: "refusal" }, make("strong", {}, "No answer."), ` ${said}`,
    ...(marked ? [make("mark", {}, named), "."] : []));
}

function refused(refusal) {
  const parts = [refusalMessage(refusal)];
  if (refusal.nearest.length) {
    const nearest = refusal.nearest.map((near) => {
      const [start, end] = near.passage_id.slice(near.passage_id.lastIndexOf("@") + 1).split("-");
      return quoted(near.quote, near.document_id, spanAddress(near.document_id, start, end));
    });
    parts.push(make("h4", {}, "Nearest passages"), make("ul", { class: "quotes", role: "list" }, ...nearest));
  }
  parts.push(...suggested("Try asking", refusal.try_asking));
  return parts;
}

function show(record) {
  const notices = record.notices.map((notice) => make("p", { class: "notice" }, notice));
  answers.prepend(make("article", { class: `answer ${record.status}` },
    make("h3", {}, record.question),
    record.standalone_question === record.question.trim().split(/\s+/).join(" ") ? null
      : make("p", { class: "quiet" }, `Understood as: ${record.standalone_question}`),
    ...(record.refusal ? refused(record.refusal) : answered(record)), ...notices,
    ...suggested("Ask next", record.suggestions)));
}

/** An id that nobody can guess; kept in the form, so that both ways go on with it. */
function conversationId() {
  const field = form.elements.conversation_id;
  if (!field.value) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    field.value = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  return field.value;
}

function complain(text) {
  mistake.textContent = text;
  mistake.hidden = !text;
}

async function ask(question) {
  const button = form.querySelector("button");
  button.disabled = true;
  complain("");
  try {
    const response = await fetch(box.dataset.endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ question, conversation_id: conversationId() }),
    });
    const record = await response.json();
    if (!response.ok) return complain(record.detail);
    show(record);
    form.elements.question.value = "";
  } catch {
    complain("The question could not be sent. Check the connection and try again.");
  } finally {
    button.disabled = false;
  }
}

/** Mark the sentences that the address names (`#at-<start>-<end>`) and go there. */
function markSpan() {
  const named = /^#at-([0-9]+)-([0-9]+)$/.exec(location.hash);
  for (const old of document.querySelectorAll(".cited")) old.classList.remove("cited");
  if (!named) return;
  const [start, end] = [Number(named[1]), Number(named[2])];
  const sentences = [...document.querySelectorAll("#text .sentence")].filter(
    (one) => Number(one.dataset.start) < end && Number(one.dataset.end) > start);
  for (const sentence of sentences) sentence.classList.add("cited");
  sentences[0]?.scrollIntoView({ block: "center" });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask(form.elements.question.value);
});
for (const suggestion of document.querySelectorAll("form.suggestion")) {
  suggestion.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(suggestion.elements.question.value);
  });
}
window.addEventListener("hashchange", markSpan);
markSpan();
