// One question and what came of it. Plain values: the templates alone make elements of them.

import { partly } from "./text.js";

export class Turn {
  constructor(question, alone = false) {
    this.question = question;
    this.alone = alone; // one that was offered: it was tried by itself, and is asked by itself
    this.state = "asking"; // asking, answered, refused, stopped, failed
    this.waiting = ""; // what it waits for, before anything was found
    this.reading = null; // {documents, passages} once something was found
    this.statements = [];
    this.references = new Map(); // marker -> reference record
    this.refusal = null;
    this.record = null;
    this.message = ""; // why it stopped or failed
    this.open = new Set(); // "statement:marker" of the cards that are open
    this.rating = null;
    this.rated = ""; // what is said about the rating
    this.copied = "";
    this.copyText = ""; // shown to be copied by hand where the clipboard cannot be used
  }

  static of(record) {
    const turn = new Turn(record.question);
    turn.finish(record);
    return turn;
  }

  /** Take one event of the stream; return what is to be announced. */
  take(name, data) {
    if (name === "waiting") {
      this.waiting = data.place === 1 ? "Your question is next …" : `${data.place - 1} before you …`;
      return "";
    }
    if (name === "retrieval") {
      this.reading = data;
      return "";
    }
    if (name === "statement") {
      this.statements = [...this.statements, data];
      for (const reference of data.references ?? []) {
        this.references.set(reference.marker, reference);
      }
      return sentence(data);
    }
    if (name === "refusal") {
      this.refusal = data;
      return "";
    }
    if (name === "done") {
      this.finish(data);
      return this.refusal ? this.refusal.message : closing(this);
    }
    return "";
  }

  /** Show the whole record. */
  finish(record) {
    this.record = record;
    this.state = record.status;
    this.statements = record.statements;
    this.refusal = record.refusal;
    this.references = new Map(record.references.map((one) => [one.marker, one]));
    this.message = "";
  }

  fail(state, message) {
    this.state = state;
    this.message = message;
    this.statements = [];
    this.refusal = null;
    this.reading = null;
  }

  /** Begin once more. */
  restart() {
    Object.assign(this, new Turn(this.question, this.alone));
  }
}

/** The citations of a statement by marker, in order: [[marker, [citation, …]], …]. */
export function byMarker(statement) {
  const groups = new Map();
  for (const citation of statement.citations) {
    if (!groups.has(citation.marker)) groups.set(citation.marker, []);
    groups.get(citation.marker).push(citation);
  }
  return [...groups];
}

function sentence(statement) {
  const markers = byMarker(statement).map(([marker]) => marker).join(", ");
  return `${statement.text.replace(/\s*\n\s*(- )?/g, " ")} Source ${markers}.`;
}

function closing(turn) {
  const count = turn.references.size;
  const complete = `Answer complete, from ${count === 1 ? "one source" : `${count} sources`}`;
  const told = [complete, partly(turn.record), turn.record.certainty?.words];
  return told.filter(Boolean).map((one) => `${one}.`).join(" ");
}
