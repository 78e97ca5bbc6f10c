"""What a verifier is asked: claims with a label, and sentences of a corpus, changed or varied.

A line of a file of claims, one JSON object each:

    {"claim": "Iron cures anaemia.", "doc": "12", "label": "SUPPORT" | "CONTRADICT" |
     "NOT_ENOUGH_INFO", "evidence": [sentences that decide], "sentences": [the whole abstract]}
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from corpus.errors import FileInputError
from corpus.records import Block, Document, PassageSpan, Span, Unit, units_of
from evals.perturbing import perturbed
from evals.perturbing_names import Names
from evals.varying import varied
from service.verdicts import EvidenceText

Label = Literal["SUPPORT", "CONTRADICT", "NOT_ENOUGH_INFO"]
LABELS: tuple[Label, ...] = get_args(Label)
# Shorter ones are headings and fragments, longer ones mostly lists.
SENTENCE_WORDS = range(6, 61)
Treatment = Literal["verbatim", "varied", "changed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim about one abstract; `evidence` is empty for NOT_ENOUGH_INFO."""

    claim: str
    label: Label
    evidence: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A sentence to be checked against a passage; `kind` says what was done to it.

    Only a changed one is false. `kind` is empty for a verbatim sentence.
    """

    treatment: Treatment
    kind: str
    sentence: str
    evidence: EvidenceText


def read_claims(path: Path) -> tuple[Claim, ...]:
    """Read a file of claims; raises FileInputError naming the file and the line."""
    from ingest.reading import read_file

    source = read_file(path)
    found = [
        _claim(source.name, number, line)
        for number, line in enumerate(source.text().split("\n"), start=1)
        if line.strip()
    ]
    if not found:
        raise FileInputError(source.name, "holds no claims")
    return tuple(found)


def _claim(name: str, number: int, line: str) -> Claim:
    place = f"line {number}"
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FileInputError(name, "not usable JSON", place=place) from error
    if not isinstance(values, dict) or not isinstance(values.get("claim"), str):
        raise FileInputError(name, "'claim' is missing or not a text", place=place)
    if values.get("label") not in LABELS:
        known = ", ".join(LABELS)
        raise FileInputError(name, f"'label' is none of {known}", place=place)
    label: Label = values["label"]
    evidence, sentences = (_texts(values, key, name, place) for key in ("evidence", "sentences"))
    if not sentences or (label != "NOT_ENOUGH_INFO" and not evidence):
        raise FileInputError(name, "has no sentences to be judged by", place=place)
    return Claim(claim=values["claim"], label=label, evidence=evidence, sentences=sentences)


def _texts(values: Mapping[str, Any], key: str, name: str, place: str) -> tuple[str, ...]:
    texts = values.get(key, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise FileInputError(name, f"{key!r} is not a list of texts", place=place)
    return tuple(" ".join(text.split()) for text in texts if text.strip())


def gold_evidence(claim: Claim) -> EvidenceText:
    """Return the sentences that decide; without any, the sentence nearest to the claim."""
    chosen = claim.evidence or (max(claim.sentences, key=lambda s: shared(claim.claim, s)),)
    return passage_of(chosen)


def passage_of(sentences: Sequence[str]) -> EvidenceText:
    """Return sentences as one paragraph of a document, all of it to be read."""
    text = " ".join(sentences)
    spans: list[Span] = []
    for sentence in sentences:
        start = spans[-1].end + 1 if spans else 0
        spans.append(Span(start=start, end=start + len(sentence)))
    block = Block(kind="paragraph", start=0, end=len(text), section=None, sentences=tuple(spans))
    document = Document(
        document_id="claimed",
        kind="abstract",
        title="",
        text=text,
        blocks=(block,),
        passages=(PassageSpan(start=0, end=len(text), section=None),),
    )
    return EvidenceText(number=1, document_id="claimed", document=document, start=0, end=len(text))


def documents_of(folder: Path) -> tuple[Document, ...]:
    """Return every text of a set's own corpus, or of a folder of articles, by id.

    Nothing is indexed or written. Raises FileInputError; a set without a corpus has no texts.
    """
    from evals.sets import read_set
    from ingest.reading import files_under, parser_for, read_file

    if (folder / "questions.jsonl").exists():
        parts = [(path, part.slug) for part in read_set(folder).corpus for path in part.files]
    else:
        parts = [(path, None) for path in files_under([folder])]
    found: dict[str, Document] = {}
    for path, slug in parts:
        source = read_file(path)
        # only an article takes the name; abstracts beside it have their own
        parsed = parser_for(source).parse(source, slug=slug)
        documents = (*(a.document for a in parsed.articles), *parsed.documents)
        found |= {d.document_id: d for d in documents}
    return tuple(found[key] for key in sorted(found))


def trials_of(documents: Sequence[Document], *, limit: int, seed: int) -> Iterator[Trial]:
    """Yield `limit` sentences drawn from the documents, each verbatim, varied and changed.

    The same arguments give the same trials, in the same order.
    """
    drawn = [(d, u) for d in documents for u in units_of(d) if _is_sentence(d, u)]
    rng = random.Random(seed)  # noqa: S311 - no secret
    chosen = sorted(rng.sample(range(len(drawn)), min(limit, len(drawn))))
    texts = {id(d): [text_of(d, u) for u in units_of(d)] for d, _ in (drawn[i] for i in chosen)}
    names = Names.of(text for found in texts.values() for text in found)
    for document, unit in (drawn[i] for i in chosen):
        sentence = text_of(document, unit)
        others = [text for text in texts[id(document)] if text != sentence]
        yield from _trials(sentence, _passage(document, unit), others, names, seed)


def _trials(
    sentence: str, evidence: EvidenceText, others: Sequence[str], names: Names, seed: int
) -> Iterator[Trial]:
    made: list[tuple[Treatment, str, str]] = [("verbatim", "", sentence)]
    made += [("varied", v.kind.value, v.text) for v in varied(sentence, seed=seed)]
    changes = perturbed(sentence, others=others, names=names, seed=seed)
    made += [("changed", p.kind.value, p.text) for p in changes]
    for treatment, kind, text in made:
        yield Trial(treatment=treatment, kind=kind, sentence=text, evidence=evidence)


def _is_sentence(document: Document, unit: Unit) -> bool:
    """Tell whether a unit can be read alone: no table row, no fragment."""
    text = text_of(document, unit)
    whole = text.endswith((".", "!")) and text[:1].isupper()
    kept = document.blocks[unit.block].kind in ("paragraph", "item")
    return kept and whole and not unit.lead_ins and len(text.split()) in SENTENCE_WORDS


def text_of(document: Document, unit: Unit) -> str:
    """Return a unit's own words on one line, without its lead-ins."""
    return " ".join(document.text[unit.start : unit.end].split())


def _passage(document: Document, unit: Unit) -> EvidenceText:
    inside = (p for p in document.passages if p.start <= unit.start and unit.end <= p.end)
    found = next(inside, None)
    start, end = (found.start, found.end) if found else (unit.start, unit.end)
    return EvidenceText(
        number=1, document_id=document.document_id, document=document, start=start, end=end
    )


def shared(claim: str, sentence: str) -> float:
    """Return the share of the claim's stems that a sentence has, 0 to 1."""
    from index.lexical import stems

    wanted = set(stems(claim))
    return len(wanted & set(stems(sentence))) / max(1, len(wanted))
