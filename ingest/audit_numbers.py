"""Citation numbers against the list of references: what leads nowhere, what nobody cites."""

from collections import Counter
from collections.abc import Iterator

from corpus.findings import Finding
from ingest.article_parts import listing
from ingest.audit import Audited, Check, entry_name


def _untied(audited: Audited) -> Iterator[Finding]:
    """Tell that the text cites by number, while the list prints none."""
    references = audited.article.references
    if not audited.cited or not references or any(r.number is not None for r in references):
        return
    cited = listing(audited.cited)
    places = len({unit.start for units in audited.cited.values() for unit in units})
    yield audited.found(
        "unnumbered-list",
        f"The text cites {cited} in {_sentences(places)}, but the list of "
        f"{_entries(len(references))} prints no numbers: no citation leads to its entry.",
        numbers=tuple(audited.cited),
    )


def _not_listed(audited: Audited) -> Iterator[Finding]:
    """Tell, sentence by sentence, which cited numbers the list cannot have."""
    references = audited.article.references
    printed = {r.number for r in references if r.number is not None}
    for number, units in audited.cited.items():
        if number in printed or (not printed and number <= len(references)):
            continue
        # an unnumbered list may have any order, but not more entries than it has
        has = f"has numbers {listing(printed)}" if printed else _short_of(len(references))
        for unit in units:
            yield audited.found(
                "cited-not-listed",
                f"Cites number {number}; the list of references {has}.",
                unit=unit,
                numbers=(number,),
            )


def _short_of(entries: int) -> str:
    return f"has only {_entries(entries)}" if entries else "is missing"


def _never_cited(audited: Audited) -> Iterator[Finding]:
    """Tell which references no sentence cites; one finding for all where none is cited."""
    references = audited.article.references
    if references and not audited.cited:
        yield audited.found(
            "none-cited", f"{_entries(len(references))} listed, but no sentence cites a number."
        )
        return
    printed = any(r.number is not None for r in references)
    for position, reference in enumerate(references):
        if reference.number is None and printed:
            yield audited.found(
                "never-cited",
                f"{_named(audited, position)} has no number, so nothing can cite it.",
                entries=(position,),
            )
        elif reference.number is not None and reference.number not in audited.cited:
            yield audited.found(
                "never-cited",
                f"{_named(audited, position)} is not cited anywhere.",
                entries=(position,),
                numbers=(reference.number,),
            )


def _named(audited: Audited, position: int) -> str:
    name = entry_name(audited.article.references[position], position)
    return name[:1].upper() + name[1:]


def _repeated(audited: Audited) -> Iterator[Finding]:
    """Tell which numbers the list prints more than once."""
    references = audited.article.references
    counts = Counter(r.number for r in references if r.number is not None)
    for number in sorted(n for n, count in counts.items() if count > 1):
        places = [place for place, r in enumerate(references) if r.number == number]
        yield audited.found(
            "repeated-number",
            f"The list prints the number {number} {counts[number]} times.",
            entries=places,
            numbers=(number,),
        )


def _gaps(audited: Audited) -> Iterator[Finding]:
    """Tell which numbers are left out of the list, but those that the text cites all the same."""
    printed = {r.number for r in audited.article.references if r.number is not None}
    if not printed:
        return
    missing = set(range(1, max(printed) + 1)) - printed - audited.cited.keys()
    if missing:
        yield audited.found(
            "numbering-gap",
            f"The list goes up to {max(printed)}, but lacks {listing(missing)}.",
            numbers=tuple(sorted(missing)),
        )


def _sentences(count: int) -> str:
    return "1 sentence" if count == 1 else f"{count} sentences"


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


number_checks: tuple[Check, ...] = (_untied, _not_listed, _never_cited, _repeated, _gaps)
