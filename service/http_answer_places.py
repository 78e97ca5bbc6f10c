"""What stands beside the quotes of an answer: where each is from, and its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.section_paths import news_of
from service.wire import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class NearLine:
    """A nearest passage as it is shown: `where` is "" when the line before says it already."""

    near: Record
    where: str
    start: int
    end: int


def quote_places(citations: Sequence[Record], references: Sequence[Record]) -> tuple[str, ...]:
    """Return what stands under each quote of a statement: marker, section, numbers.

    The numbers are those that an article cites there, or an abstract's own in the article. Of the
    section only what is new stands there. The document's id is named where nothing else is known.
    """
    titles = {one["document_id"]: one["title"] for one in references}
    places: list[str] = []
    before: dict[str, str | None] = {}
    for one in citations:
        key = one["document_id"]
        news = news_of(one["section"], title=titles.get(key, ""), before=before.get(key))
        known = [news, _numbers(one)]
        if key not in before and not any(known):
            known = [key]
        places.append(" ".join([f"[{one['marker']}]", ", ".join(filter(None, known))]).strip())
        before = {key: one["section"]}
    return tuple(places)


def _numbers(citation: Record) -> str:
    if citation["article_references"]:
        return f"cites {', '.join(map(str, citation['article_references']))}"
    return "" if citation["reference"] is None else f"reference {citation['reference']}"


def near_lines(record: Record) -> tuple[NearLine, ...]:
    """Return the nearest passages of a whole record's refusal.

    What the line before named is not named again; before the first stands the text that was asked.
    """
    lines: list[NearLine] = []
    before: dict[str, str | None] = {record["article"] or "": None}
    for near in record["refusal"]["nearest"]:
        key, title = near["document_id"], near.get("title") or ""
        news = news_of(near.get("section"), title=title, before=before.get(key))
        named = "" if key in before else title or (key if not news else "")
        start, end = passage_span(near["passage_id"])
        lines.append(
            NearLine(
                near={"lead_ins": [], **near},
                where=" › ".join(filter(None, (named, news))),
                start=near.get("start", start),
                end=near.get("end", end),
            )
        )
        before = {key: near.get("section")}
    return tuple(lines)


def passage_span(passage_id: str) -> tuple[int, int]:
    """Return where a passage starts and ends, which its id says.

    >>> passage_span("doi:10.1/a-b@12-40")
    (12, 40)
    """
    start, _, end = passage_id.rpartition("@")[2].partition("-")
    return int(start), int(end)
