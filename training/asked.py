"""Questions asked of pages and texts, each with a text that answers and one that does not.

What kind of thing is asked, and the style of a written sentence, tell much about whether a page
answers; so every question comes with both versions of its window: what answers cut out of it, or
a sentence that answers another question in place of the one that answers this.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.reading.tokens import Line
from training.examples import read_rows

# A window's words are drawn between these.
LEAST_WORDS, MOST_WORDS = 60, 130
# Units that are read together once more, drawn from all of the text.
LEAST_JOINT, MOST_JOINT = 6, 10
MOST_GOLD = 6
JOINT_SHARE = 0.4
HARD_SHARE = 0.6
DISTRACTED_SHARE = 0.15
UNTITLED_SHARE = 0.15
FOREIGN_SHARE = 0.1
THINNED_SHARE = 0.3
# A hard window holds one of the so many nearest units, else one of four times as many.
NEAREST, NEAREST_SHARE = 3, 0.7
# A window of fewer words is no window.
LEAST_LEFT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A sentence (`s`), a list's introducing line (`l`), an item (`-`, `--`) or other text.

    `lead` is the line or item that introduces an item's list; `title` that of the abstract which
    the unit stands in, empty for the text itself.
    """

    section: str
    kind: str
    text: str
    lead: str = ""
    title: str = ""
    answers: bool = False

    @property
    def place(self) -> tuple[str, str]:
        """The text and the section in it that the unit stands in."""
        return self.title, self.section


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question of a text: the units that answer, or what would answer (`added`) and what not."""

    question: str
    earlier: tuple[str, ...]
    units: tuple[int, ...]
    added: tuple[int, tuple[str, ...]] | None = None
    added_other: tuple[int, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A page or another text with its questions."""

    text_id: str
    title: str
    units: tuple[Unit, ...]
    questions: tuple[Asked, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """A question with a window; `relevant` has one entry a judged line, None: not known.

    Or a claim with its evidence, which `denies` it where it says otherwise.
    """

    title: str
    earlier: tuple[str, ...]
    question: str
    lines: tuple[Line, ...]
    answers: bool
    relevant: tuple[bool, ...] | None = None
    denies: bool = False


# Exercises that contrast: one question, one window that answers before those that do not.
Contrast = tuple[Exercise, ...]
Floats = NDArray[np.float32]
# How near each unit that the text has by itself is to a question, by embedding or by the reader.
Nearness = dict[tuple[str, str, str], float]


def read_texts(path: Path) -> list[Text]:
    """Return the texts of a file of asked texts; raises InputError naming a bad line."""
    return [text_of(row) for row in read_rows(path)]


def text_of(row: Mapping[str, Any]) -> Text:
    """Return the text that a line of such a file holds."""
    title = "" if row["title"].startswith("(") else row["title"]
    return Text(
        text_id=row["id"],
        title=title,
        units=tuple(_led(row["units"])),
        questions=tuple(
            Asked(
                question=q["question"],
                earlier=tuple(q["history"]),
                units=tuple(q["units"]),
                added=_added(q.get("added")),
                added_other=_added(q.get("added_other")),
            )
            for q in row["questions"]
        ),
        source=row["source"],
    )


def _led(stored: Sequence[dict[str, Any]]) -> Iterator[Unit]:
    place, lead, parent = ("", ""), "", ""
    for unit in stored:
        kind, here = unit["kind"], (unit.get("title") or "", unit.get("section") or "")
        item = kind.startswith("-")
        if here != place or not item:
            place, lead, parent = here, unit["text"] if kind == "l" else "", ""
        over = (parent or lead) if kind == "--" else lead if item else ""
        if kind == "-":
            parent = unit["text"]
        yield Unit(title=here[0], section=here[1], kind=kind, text=unit["text"], lead=over)


def _added(stored: dict[str, Any] | None) -> tuple[int, tuple[str, ...]] | None:
    return None if stored is None else (stored["after"], tuple(stored["texts"]))


def versions(text: Text, asked: Asked) -> tuple[list[Unit], list[Unit]]:
    """Return the units of the version that answers and of the one that does not."""
    if asked.units:
        marked = [replace(u, answers=i in asked.units) for i, u in enumerate(text.units)]
        cut = {u.text for u in marked if u.answers}
        left = (u for u in marked if not u.answers)
        return marked, [replace(u, lead="") if u.lead in cut else u for u in left]
    return (
        _with(text.units, asked.added, answers=True),
        _with(text.units, asked.added_other, answers=False),
    )


def _with(
    units: Sequence[Unit], added: tuple[int, tuple[str, ...]] | None, *, answers: bool
) -> list[Unit]:
    if added is None:
        return list(units)
    after, texts = added
    near = units[max(0, min(after, len(units)) - 1)]
    kind = "s" if near.kind == "l" else near.kind
    lead = near.text if near.kind == "l" else near.lead
    lead = "" if kind == "s" else lead
    new = [replace(near, kind=kind, text=t, lead=lead, answers=answers) for t in texts]
    return [*units[:after], *new, *units[after:]]


def contrasts(
    text: Text,
    cosines: Sequence[Floats],
    others: Sequence[Text],
    rng: random.Random,
    drawn: Sequence[int] | None = None,
) -> Iterator[Contrast]:
    """Yield exercises of a text's questions, of those at the positions `drawn` alone if given.

    `cosines[i]` (units,) tells how near each unit of the text is to question i; `others` are the
    texts that a distracting sentence or a foreign window may come from.
    """
    for i in range(len(text.questions)) if drawn is None else drawn:
        asked, near = text.questions[i], cosines[i]
        answering, lacking = versions(text, asked)
        if not any(u.answers for u in answering) or not lacking:
            continue
        nearness = {id_of(u): float(c) for u, c in zip(text.units, near, strict=True)}
        joint = rng.random() < JOINT_SHARE
        shown = (_joint if joint else _windows)(answering, lacking, nearness, rng)
        title = "" if rng.random() < UNTITLED_SHARE else text.title
        made = [
            _exercise(text, title, asked, _distracted(text, asked, units, rng), joint=joint)
            for units in shown
        ]
        if rng.random() < HARD_SHARE:
            hard = near_window(lacking, nearness, rng)
            made.append(_exercise(text, title, asked, hard))
        if rng.random() < FOREIGN_SHARE:
            other = rng.choice(others)
            foreign, _ = grown(other.units, rng.randrange(len(other.units)), rng)
            made.append(_exercise(other, title, asked, foreign))
        yield tuple(made)


def id_of(unit: Unit) -> tuple[str, str, str]:
    """Return what two versions of a text know a unit by."""
    return unit.title, unit.section, unit.text


def _windows(
    answering: list[Unit],
    lacking: list[Unit],
    nearness: Nearness,
    rng: random.Random,
) -> tuple[list[Unit], list[Unit]]:
    """Return a window with what answers, and the same place in the text that does not answer."""
    gold = [i for i, u in enumerate(answering) if u.answers]
    window, first = grown(answering, rng.choice(gold), rng)
    left = [u for u in window if not u.answers]
    written = [i for i, u in enumerate(lacking) if id_of(u) not in nearness]
    if written:  # compared with another written sentence in its own place
        without, _ = grown(lacking, rng.choice(written), rng)
    elif sum(len(u.text.split()) for u in left) < LEAST_LEFT:
        without = near_window(lacking, nearness, rng)
    elif rng.random() < 0.5:  # noqa: PLR2004  as long as the one that answers
        without, _ = grown(lacking, min(first, len(lacking) - 1), rng)
    else:
        without = left
    if left and rng.random() < THINNED_SHARE:  # as a cut one has lost a unit
        lost = rng.choice(left)
        window = [u for u in window if u is not lost]
    return window, without


def _joint(
    answering: list[Unit],
    lacking: list[Unit],
    nearness: Nearness,
    rng: random.Random,
) -> tuple[list[Unit], list[Unit]]:
    size = rng.randint(LEAST_JOINT, MOST_JOINT)
    return nearest(answering, nearness, size, rng), nearest(lacking, nearness, size, rng)


def nearest(units: Sequence[Unit], nearness: Nearness, size: int, rng: random.Random) -> list[Unit]:
    """Return `size` units in text order: those that answer (some of many), and the nearest."""
    gold = [i for i, u in enumerate(units) if u.answers]
    kept = set(rng.sample(gold, min(len(gold), MOST_GOLD)))
    written = {i for i, u in enumerate(units) if id_of(u) not in nearness}
    kept |= set(rng.sample(sorted(written - kept), min(len(written - kept), 2)))
    rest = [i for i, u in enumerate(units) if i not in kept and not u.answers]
    rest.sort(key=lambda i: -nearness.get(id_of(units[i]), 0.0) - rng.random() * 0.1)
    kept |= set(rest[: max(0, size - len(kept))])
    return [units[i] for i in sorted(kept)]


def grown(units: Sequence[Unit], position: int, rng: random.Random) -> tuple[list[Unit], int]:
    """Return a window of one section around a unit, and the position of its first unit."""
    words = rng.randint(LEAST_WORDS, MOST_WORDS)
    place = units[position].place
    first, last = position, position + 1
    length = len(units[position].text.split())
    while length < words:
        left = first > 0 and units[first - 1].place == place
        right = last < len(units) and units[last].place == place
        if not left and not right:
            break
        new = first - 1 if left and (not right or rng.random() < 0.5) else last  # noqa: PLR2004
        length += len(units[new].text.split())
        first, last = min(first, new), max(last, new + 1)
    return list(units[first:last]), first


def near_window(units: Sequence[Unit], nearness: Nearness, rng: random.Random) -> list[Unit]:
    """Return a window around one of the nearest units: one of three, or now and then of twelve."""
    order = sorted(range(len(units)), key=lambda i: -nearness.get(id_of(units[i]), 0.0))
    within = NEAREST if rng.random() < NEAREST_SHARE else 4 * NEAREST
    return grown(units, rng.choice(order[:within]), rng)[0]


def lines_of(title: str, units: Sequence[Unit], *, joint: bool) -> tuple[Line, ...]:
    """Return a window's lines; `joint` is one of units from several sections or texts."""
    of, section, lead = units[0].title, units[0].section, ""
    heading = of or title
    made = [Line(text=heading if joint else f"{heading}. {section}".strip(". "), judged=False)]
    if joint:
        section = ""
    shown: set[str] = set()
    for unit in units:
        if unit.title != of:
            of, section, lead = unit.title, "", ""
            made.append(Line(text=of or title, judged=False))
        if unit.section != section:
            section = unit.section
            made.append(Line(text=section, judged=False))
        if unit.lead and unit.lead != lead and unit.lead not in shown:
            made.append(Line(text=unit.lead, judged=False))
        made.append(Line(text=unit.text))
        shown.add(unit.text)
        lead = unit.text if unit.kind == "l" else unit.lead or lead
    return tuple(made)


def _exercise(
    text: Text, title: str, asked: Asked, units: Sequence[Unit], *, joint: bool = False
) -> Exercise:
    return Exercise(
        title=title,
        earlier=asked.earlier,
        question=asked.question,
        lines=lines_of(text.title, units, joint=joint),
        answers=any(u.answers for u in units),
        relevant=tuple(u.answers for u in units),
    )


def _distracted(
    text: Text, asked: Asked, units: Sequence[Unit], rng: random.Random
) -> Sequence[Unit]:
    """Return the units with a sentence that was written to answer another question."""
    known = {u.text for u in units}
    written = sorted({t for q in text.questions if q.added for t in q.added[1]} - known)
    if not written or not asked.units or rng.random() > DISTRACTED_SHARE:
        return units
    at = rng.randint(0, len(units))
    near = units[min(at, len(units) - 1)]
    new = replace(near, text=rng.choice(written), answers=False)
    return [*units[:at], new, *units[at:]]
