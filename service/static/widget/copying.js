// To the clipboard, from a text that is still on its way.

/** Copy what the promise brings; false where the clipboard cannot be used. */
export async function copied(text) {
  try {
    // the item takes the promise itself: some browsers forbid writing once the click is over
    const blob = text.then((value) => new Blob([value], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    return true;
  } catch {
    return false;
  }
}
