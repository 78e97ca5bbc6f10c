// The page's own script: whom the text is worded for, and the way from an answer to its source.
// Everything else on the page works without it.

const root = document.documentElement;
const chat = document.querySelector("sequitur-chat");
const here = chat?.getAttribute("article");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

// --- audience -----------------------------------------------------------------------------------

/** Word the page for an audience; the facts are in it already and stay as they are. */
function wordFor(audience) {
  root.dataset.audience = audience;
  chat?.setAttribute("audience", audience);
  for (const button of document.querySelectorAll(".audience button")) {
    button.setAttribute("aria-pressed", String(button.value === audience));
  }
  for (const term of document.querySelectorAll(".term[data-word]")) {
    if (audience === "clinician") term.removeAttribute("href");
    else term.setAttribute("href", term.dataset.word);
  }
  const words = document.getElementById("words");
  if (words) words.open = audience === "patient";
}

document.querySelector("form.audience")?.addEventListener("submit", (event) => {
  const { submitter } = event;
  if (!submitter?.value) return;
  event.preventDefault();
  wordFor(submitter.value);
  const body = new URLSearchParams(new FormData(event.target, submitter));
  // it is remembered by a cookie; if that fails, the choice lasts as long as this page
  fetch(event.target.action, { method: "POST", body, redirect: "manual" }).catch(() => {});
});

// --- spans --------------------------------------------------------------------------------------

/** The text nodes of a sentence that are the stored text: no citation numbers, nothing added. */
function textNodes(sentence) {
  const walker = document.createTreeWalker(sentence, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT,
    (node) => node.nodeType === Node.TEXT_NODE ? NodeFilter.FILTER_ACCEPT
      : node.matches("sup.numbers, .added") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
}

/** How many UTF-16 units the first `count` characters (code points) of a text take. */
function units(text, count) {
  let at = 0;
  for (let left = count; left > 0 && at < text.length; left -= 1) {
    at += text.codePointAt(at) > 0xffff ? 2 : 1;
  }
  return at;
}

/** The ranges of `[start, end)`, in characters of the document's text, within one sentence. */
function rangesIn(sentence, start, end) {
  const ranges = [];
  let at = Number(sentence.dataset.start);
  for (const node of textNodes(sentence)) {
    const length = Array.from(node.data).length;
    const [from, to] = [Math.max(start - at, 0), Math.min(end - at, length)];
    if (from < to) {
      const range = new Range();
      range.setStart(node, units(node.data, from));
      range.setEnd(node, units(node.data, to));
      ranges.push(range);
    }
    at += length;
  }
  return ranges;
}

function unmark() {
  for (const old of document.querySelectorAll(".cited")) old.classList.remove("cited");
  globalThis.CSS?.highlights?.delete("cited");
}

/** Highlight a span and go there; false when this page does not have it. */
function show(start, end) {
  const sentences = [...document.querySelectorAll("#text .sentence[data-start]")].filter(
    (one) => Number(one.dataset.start) < end && Number(one.dataset.end) > start);
  if (!sentences.length) return false;
  unmark();
  if (globalThis.CSS?.highlights && globalThis.Highlight) {
    const ranges = sentences.flatMap((sentence) => rangesIn(sentence, start, end));
    CSS.highlights.set("cited", new Highlight(...ranges));
  } else {
    for (const sentence of sentences) sentence.classList.add("cited");
  }
  const [first] = sentences;
  first.tabIndex = -1;
  first.focus({ preventScroll: true });
  first.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
  return true;
}

/** Show the span that the address names (`#at-<start>-<end>`). */
function showAddressed() {
  const named = /^#at-([0-9]+)-([0-9]+)$/.exec(location.hash);
  if (!named || !show(Number(named[1]), Number(named[2]))) unmark();
}

// links to spans name their block for browsers without a script; here they can be exact
for (const link of document.querySelectorAll("a[data-span]")) link.hash = `at-${link.dataset.span}`;
addEventListener("hashchange", showAddressed);
showAddressed();

// --- from an answer and back --------------------------------------------------------------------

const back = document.getElementById("back");

document.addEventListener("sequitur-show", (event) => {
  const { document_id: id, start, end } = event.detail;
  if (id !== here || !show(start, end)) return;
  event.preventDefault();
  if (back) back.hidden = false;
});

back?.addEventListener("click", () => {
  back.hidden = true;
  unmark();
  chat.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
  chat.dispatchEvent(new CustomEvent("sequitur-return"));
});
