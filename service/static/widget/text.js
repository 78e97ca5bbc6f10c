// Text and offsets. Offsets count characters (code points) as the server does; JavaScript counts
// UTF-16 units, so every slice goes through an array of characters.

/** The lines of a statement: {depth, pieces}; depth 0 is running text, 1 and more a list item.
 *
 * A piece is {text, added, term}. For students and patients the words of an abbreviation are
 * added after its first mention; `seen` holds those that were written out before. Without what
 * was added, the pieces are the statement, character for character.
 */
export function linesOf(statement, audience, seen) {
  const terms = audience === "clinician" ? [] : statement.terms ?? [];
  let at = 0;
  return statement.text.split("\n").map((line) => {
    const listed = /^( *)- /.exec(line);
    const skipped = listed ? listed[0].length : 0;
    const chars = Array.from(line).slice(skipped);
    const start = at + skipped;
    const end = start + chars.length;
    at = end + 1;
    const inside = terms.filter((term) => term.start >= start && term.end <= end);
    return {
      depth: listed ? Math.min(1 + Math.floor(listed[1].length / 2), 4) : 0,
      pieces: piecesOf(chars, start, inside, seen),
    };
  });
}

function piecesOf(chars, offset, terms, seen) {
  const pieces = [];
  let done = 0;
  for (const term of terms) {
    const [from, to] = [term.start - offset, term.end - offset];
    if (from > done) pieces.push({ text: chars.slice(done, from).join("") });
    pieces.push({ text: chars.slice(from, to).join(""), term });
    if (term.written_out && !seen.has(term.written_out)) {
      seen.add(term.written_out);
      pieces.push({ text: ` (${term.written_out})`, added: true });
    }
    done = to;
  }
  if (done < chars.length) pieces.push({ text: chars.slice(done).join("") });
  return pieces;
}

/** The terms of an answer with a meaning, each once, in order of first use. */
export function explained(statements) {
  const found = new Map();
  for (const term of statements.flatMap((statement) => statement.terms ?? [])) {
    const word = term.written_out ? `${term.text} (${term.written_out})` : term.text;
    const key = term.meaning ?? term.written_out;
    if (term.meaning && !found.has(key)) found.set(key, { word, meaning: term.meaning });
  }
  return [...found.values()];
}

/** The part of a section's path that neither the document's title nor the line before says. */
export function newsOf(section, title, before) {
  if (!section || section === before) return "";
  const parts = section.split(" > ");
  const known = (before ?? "").split(" > ");
  let shared = 0;
  while (shared < parts.length - 1 && parts[shared] === known[shared]) shared += 1;
  const titled = parts[0].toLowerCase() === title?.toLowerCase() ? 1 : 0;
  return (shared > titled ? ["…", ...parts.slice(shared)] : parts.slice(titled)).join(" > ");
}

/** What is said of words on which the quoted sources say nothing; "" where there are none. */
export function partly({ missing }) {
  return missing?.length ? `Partly answered: nothing here on ${missing.join(", ")}` : "";
}

/** An address that may become a link: http or https; else null. */
export function webAddress(url) {
  try {
    return ["http:", "https:"].includes(new URL(url).protocol) ? url : null;
  } catch {
    return null;
  }
}

/** [start, end] of a passage, from its id `document@start-end`. */
export function spanOfPassage(passageId) {
  return passageId.slice(passageId.lastIndexOf("@") + 1).split("-").map(Number);
}
