// Server-sent events of a response, and what can go wrong on the way.

/** A problem that the server told of (RFC 9457). */
export class Problem extends Error {
  constructor(record, retryAfterS = 0) {
    super(record?.detail ?? "The server did not say what went wrong.");
    this.name = "Problem";
    this.status = record?.status ?? 0;
    this.kind = String(record?.type ?? "").split(":").at(-1);
    this.retryAfterS = retryAfterS;
  }
}

/** The connection failed, or ended before the whole record was there.
 *
 * `begun` tells whether the server had begun to answer: then it may still be at work.
 */
export class ConnectionLost extends Error {
  constructor(message, begun) {
    super(message);
    this.begun = begun;
  }
}

/** Yield [name, data] of each event; throws ConnectionLost when the stream breaks off. */
export async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      waiting += value;
      const blocks = waiting.split("\n\n");
      waiting = blocks.pop();
      for (const block of blocks) {
        const event = parsed(block);
        if (event) yield event;
      }
    }
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ConnectionLost(error.message, true);
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Return [name, data] of one event, or null for a comment that only keeps the line open. */
function parsed(block) {
  let name = "message";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    if (line.startsWith("data:")) data.push(line.slice(5));
  }
  return data.length ? [name, JSON.parse(data.join("\n"))] : null;
}
