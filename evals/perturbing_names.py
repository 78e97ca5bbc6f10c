"""Names of drugs, diseases and abbreviations in a text, found by their form."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from evals.perturbation_words import NOT_ENTITIES

_DRUG = (
    r"[A-Za-z]{2,}(?:mab|nib|statin|pril|sartan|olol|azole|cillin|mycin|cycline|floxacin|vir|"
    r"prazole|gliptin|gliflozin|glitazone|semide|thiazide|dipine|profen|caine|zepam|setron|triptan|"
    r"parin|xaban|platin|rubicin|taxel|solone|nisone|asone|vudine|quine|tidine|glutide)"
)
_DISEASE = (
    r"[A-Za-z]{3,}(?:itis|(?<!di)(?<!progn)(?<!hypn)osis|aemia|(?<!acad)emia|oma|opathy|plegia|algia|"
    r"penia|trophy|pnea|pnoea|rrhea|rrhoea)"
)
# not the one that a text defines in brackets, and no word of a heading in capitals
_ABBREVIATION = r"(?<!\()(?![A-Z]{7})[A-Z]{2,}[A-Z0-9]*(?:-[A-Z0-9]+)*"
_NAME = re.compile(
    rf"(?<![\w-])(?:(?P<drug>{_DRUG})|(?P<disease>{_DISEASE})|(?P<abbreviation>{_ABBREVIATION}))"
    r"(?![\w-])"
)
_NO_DISEASE = frozenset(
    "diagnosis prognosis dosis hypnosis apoptosis necrosis mitosis meiosis phagocytosis osmosis "
    "symbiosis metamorphosis endocytosis exocytosis hypothesis anastomosis autophagy genoma "
    "chroma stroma soma coma plasma hematoma aroma diploma glaucomas".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Names by their sort ("drug", "disease", "abbreviation"), sorted and once each."""

    by_sort: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Names":
        """Return every name in the texts; drugs and diseases in lower case."""
        found: dict[str, set[str]] = {}
        for text in texts:
            for start, end, sort in cls.spans(text):
                name = text[start:end]
                plain = name if sort == "abbreviation" else name.lower()
                found.setdefault(sort, set()).add(plain)
        return cls(by_sort={sort: tuple(sorted(names)) for sort, names in sorted(found.items())})

    @staticmethod
    def spans(text: str) -> Iterator[tuple[int, int, str]]:
        """Yield (start, end, sort) of each name, in order."""
        for match in _NAME.finditer(text):
            sort = match.lastgroup or ""
            skipped = NOT_ENTITIES if sort == "abbreviation" else _NO_DISEASE
            if match[0] not in skipped and match[0].lower() not in skipped:
                yield match.start(), match.end(), sort

    def instead(self, name: str, sort: str, sentence: str) -> tuple[str, ...]:
        """Return names of this sort that mean something else, none of them in the sentence."""
        from index.lexical import terms

        lower, own = sentence.lower(), set(terms(name))
        capital = name[0].isupper() and sort != "abbreviation"
        return tuple(
            other.capitalize() if capital else other
            for other in self.by_sort.get(sort, ())
            if other.lower() not in lower
            and other.lower()[:4] != name.lower()[:4]
            and not own & set(terms(other))
        )
