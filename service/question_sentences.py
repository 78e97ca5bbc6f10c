"""Questions that an article's sentences answer: lead-ins of lists, doses, terms, definitions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.records import Document, Span
from service.question_doses import drugs_dosed
from service.question_english import BRACKETED, Usage, is_noun_phrase, is_plural, sentences_of
from service.question_headings import BACK_MATTER, Candidate
from service.question_rules import CAPTION, CAUSING, FACT, OF_LISTS, OF_SENTENCES, TERM, Rule
from service.question_subject import Subject

MIN_USES_OF_A_TERM = 2
MAX_CHARS_READ = 600
_CLAUSE_BEFORE = re.compile(
    r"^(?:while|although|if|when|once|after|before|in|for|until|as|because|since) [^,]{3,80}, ",
    re.IGNORECASE,
)
_BY_THE_WAY = re.compile(r", [^,]{3,60}, (?=(?:is|are)\b)")
_SOFTENED = re.compile(
    r"\b(?:usually|typically|often|mostly|commonly|generally|also|normally|still|then|always|"
    r"rarely|sometimes|frequently|therefore|only|thus|probably|largely|particularly)\s+",
    re.IGNORECASE,
)
# What is a disease's own when nothing else is named.
_FINDINGS = re.compile(
    r"\b(?:complaints|symptoms|findings|features|manifestations)$", re.IGNORECASE
)
_ARTICLE = re.compile(r"^(?:the|an?) ")
_VERBAL = re.compile(r"\b(?:to|by|through|with|as|make|have|has|\w+ing|\w+ed)\b")


def from_sentences(
    document: Document, usage: Usage, subject: Subject | None
) -> Iterator[Candidate]:
    """Yield the questions that sentences and lists answer; not all are well formed yet."""
    yield from _Sentences(document, usage, subject).candidates()


@dataclass(frozen=True, slots=True)
class _Sentences:
    document: Document
    usage: Usage
    subject: Subject | None

    def candidates(self) -> Iterator[Candidate]:
        yield from self.of_captions()
        introduced = self.introduced()
        for position, sentence in sentences_of(self.document):
            block = self.document.blocks[position]
            path = self.document.section_path(block.section)
            text = BRACKETED.sub("", " ".join(sentence.of(self.document.text).split()))
            if any(BACK_MATTER.match(title) for title in path) or len(text) > MAX_CHARS_READ:
                continue
            if position in introduced and sentence == block.sentences[-1]:
                origin = Span(start=sentence.start, end=introduced[position])
                found = [*self.of_list(text)]
            else:
                origin = sentence
                found = [*self.of_fact(text), *self.of_dose(text)]
            for question, priority in found:
                named = self.subject is not None and self.subject.name in question
                yield Candidate(
                    text=question, origin=origin, priority=priority, names_subject=named
                )

    def introduced(self) -> dict[int, int]:
        """Return where the list ends that a paragraph or item introduces, by its position."""
        ends: dict[int, int] = {}
        for block in self.document.blocks:
            if block.kind == "item" and block.lead_in is not None:
                ends[block.lead_in] = max(block.end, ends.get(block.lead_in, 0))
        return ends

    def of_captions(self) -> Iterator[Candidate]:
        """Yield what tables are about."""
        blocks = self.document.blocks
        for position, block in enumerate(blocks):
            found = CAPTION.match(self.document.text[block.start : block.end])
            phrase = self.usage.phrase(found["np"]) if found and block.kind == "caption" else None
            plural = is_plural(phrase) if phrase and is_noun_phrase(phrase) else None
            if plural is not None:
                rows = [b.end for b in blocks if b.kind == "row" and b.lead_in == position]
                origin = Span(start=block.start, end=max(rows, default=block.end))
                verb = "are" if plural else "is"
                yield Candidate(text=f"what {verb} the {phrase}", origin=origin, priority=FACT)

    def of_list(self, text: str) -> Iterator[tuple[str, int]]:
        """Yield the question that a list answers, by its lead-in."""
        if not text.endswith(":"):
            return
        text = _SOFTENED.sub("", text.rstrip(": "))
        if not text.lower().startswith(("if ", "when ")):
            text = _CLAUSE_BEFORE.sub("", text)
        for rule in OF_LISTS:
            found = rule.pattern.fullmatch(text)
            question = self.filled(rule, found) if found else None
            if found and question and not self.misnumbered(rule, found):
                yield question, rule.priority
                return

    def misnumbered(self, rule: Rule, found: re.Match[str]) -> bool:
        """Tell whether "what are the …" would ask for one thing, or hold a clause."""
        if not rule.question.startswith("what are the"):
            return False
        phrase = found["np"].strip()
        bare = found.end("np") == len(found.string)  # nothing but a phrase: "HRCT findings"
        return is_plural(phrase) is False or (bare and _VERBAL.search(phrase) is not None)

    def of_fact(self, text: str) -> Iterator[tuple[str, int]]:
        """Yield the question that a sentence answers."""
        text = _BY_THE_WAY.sub(" ", _SOFTENED.sub("", text.rstrip(". ")))
        text = _CLAUSE_BEFORE.sub("", text)
        for rule in OF_SENTENCES:
            found = rule.pattern.fullmatch(text)
            question = self.filled(rule, found) if found else None
            if found and question and (rule.priority != TERM or self.is_term(found["np"])):
                yield question, rule.priority
                return

    def of_dose(self, text: str) -> Iterator[tuple[str, int]]:
        """Yield what doses are stated; without a subject only of drugs that the title names."""
        for drug in drugs_dosed(text):
            if self.subject is not None:
                yield f"what dose of {drug} is used{self.subject.within}", FACT
            elif drug in self.document.title.lower():
                yield f"what dose of {drug} was used", FACT

    def is_term(self, phrase: str) -> bool:
        """Tell whether a phrase is one that the article uses again, and no everyday word."""
        plain = phrase.strip()
        is_everyday = " " not in plain and plain[1:].islower()
        if is_everyday or plain.lower().startswith(("the ", "a ", "an ")):
            return False
        uses = re.findall(rf"\b{re.escape(plain)}\b", self.document.text, re.IGNORECASE)
        return len(uses) >= MIN_USES_OF_A_TERM

    def filled(self, rule: Rule, found: re.Match[str]) -> str | None:
        """Return a rule's question with the words of the sentence; None when they do not fit."""
        words = {k: v for k, v in found.groupdict().items() if v is not None}
        needs_subject = "{S}" in rule.question or words.get("what") == "it"
        if needs_subject and (self.subject is None or self.subject.plural is None):
            return None
        if "np" in words:
            phrase = self.usage.phrase(words["np"])
            if phrase is None or not is_noun_phrase(phrase):
                return None
            words["np"] = _ARTICLE.sub("", phrase) if "the {np}" in rule.question else phrase
        if "when" in words:
            words["when"] = words["when"][0].lower() + words["when"][1:]
        if "most" in words:
            plural = is_plural(words["most"])
            if plural is None or not is_noun_phrase(words["most"].split(maxsplit=1)[-1]):
                return None
            words["be"] = "are" if plural else "is"
        return rule.question.format_map(self.words(words))

    def words(self, found: dict[str, str]) -> dict[str, str]:
        """Return what a question's places are filled with."""
        subject = self.subject
        first, _, second = found.get("be", "is").lower().partition(" ")
        phrase = found.get("np", "") + found.get("most", "")
        named = subject is None or subject.full in phrase or subject.name in phrase
        within = "" if subject is None or named else subject.within
        is_open = re.search(r"\b(?:of|in|for|to|with)\b", phrase) is None
        listed = "np" not in found or _FINDINGS.search(found["np"])
        name = subject.name if subject else ""
        return (
            {"be": first, "done": ""}
            | found
            | {
                "be1": first,
                "be2": f" {second}" if second else "",
                "isare": "are" if is_plural(found.get("np", "")) else "is",
                "modal": found.get("modal", "").lower().replace("may", "can"),
                "do": CAUSING.get(found.get("done", "").lower(), ""),
                "does": "do" if subject and subject.plural else "does",
                "what": name if found.get("what") == "it" else found.get("what", ""),
                "in": within,
                "of": within if is_open and listed else "",
                "for": within and f" for {name}",
                "S": name,
            }
        )
