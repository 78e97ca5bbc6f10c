"""What some models print before they answer: thoughts, which are no part of the answer."""

OPENINGS = ("<think>", "<thinking>")


class ThoughtFilter:
    """Takes a block of thoughts off the beginning of a text that comes in pieces.

    >>> thoughts = ThoughtFilter()
    >>> [thoughts.feed(piece) for piece in ("<thi", "nk>Hm", "m</think>", "Yes.")]
    ['', '', '', 'Yes.']
    """

    def __init__(self) -> None:
        self._held = ""
        self._closing = ""
        self._is_over = False

    def feed(self, piece: str) -> str:
        """Return what belongs to the answer, as far as that can be told by now."""
        if self._is_over:
            return piece
        self._held += piece
        if not self._closing and not self._has_opened():
            return self._held_back() if self._is_over else ""
        _, closing, rest = self._held.partition(self._closing)
        if not closing:
            # no more than the beginning of a closing tag has to be remembered
            self._held = self._held[-len(self._closing) :]
            return ""
        self._is_over = True
        return rest

    def finish(self) -> str:
        """Say that the text has ended; return what was held back and is no thought."""
        return "" if self._closing or self._is_over else self._held

    def _has_opened(self) -> bool:
        """Tell whether thoughts began; when they can begin no more, the filter is over."""
        begun = self._held.lstrip()
        for opening in OPENINGS:
            if begun.startswith(opening):
                self._closing = opening.replace("<", "</")
                self._held = begun.removeprefix(opening)
                return True
        self._is_over = not any(opening.startswith(begun) for opening in OPENINGS)
        return False

    def _held_back(self) -> str:
        held, self._held = self._held, ""
        return held
