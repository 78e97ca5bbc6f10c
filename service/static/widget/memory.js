// What the browser remembers. Storage may be forbidden or full: then it lasts as long as the page.

const held = new Map();

function reading(storage, key) {
  try {
    return storage().getItem(key) ?? held.get(key) ?? null;
  } catch {
    return held.get(key) ?? null;
  }
}

function writing(storage, key, value) {
  if (value === null) held.delete(key);
  else held.set(key, value);
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    // held above
  }
}

const session = () => sessionStorage;
const lasting = () => localStorage;

/** The conversation of this tab with one article; another tab begins its own. */
export class Conversation {
  #key;

  constructor(server, article) {
    this.#key = `sequitur:${server}:${article}`;
  }

  get known() {
    return reading(session, this.#key);
  }

  /** The id of the conversation; one that nobody can guess begins at the first call. */
  get id() {
    if (!this.known) {
      const bytes = crypto.getRandomValues(new Uint8Array(16));
      const id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
      writing(session, this.#key, id);
    }
    return this.known;
  }

  forget() {
    writing(session, this.#key, null);
  }
}

export const AUDIENCES = ["clinician", "student", "patient"];

export function rememberedAudience() {
  const audience = reading(lasting, "sequitur:audience");
  return AUDIENCES.includes(audience) ? audience : "clinician";
}

export function rememberAudience(audience) {
  writing(lasting, "sequitur:audience", audience);
}
