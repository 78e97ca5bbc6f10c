"""Which words mean the same: British and American spelling, and medical synonyms.

`american` settles the spelling by rule. `Lexicon` holds the groups of equivalent phrases of
`lexicon.txt` and finds them in a text, so that "shortness of breath" and "dyspnoea" can be
counted as one concept. Both are general medicine: nothing here was fitted to a corpus.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from corpus.errors import FileInputError

FILE = Path(__file__).with_name("lexicon.txt")

Normalise = Callable[[str], list[str]]
Concept = tuple[int, int, str]

# Written the same way in both spellings although the ending looks like "-ise".
_ISE_KEPT = re.compile(
    r"(?:[aeouv]|pr|(?<!i)(?<!ra)c|prom|prem|pract|advert|expert|chast|franch|sch|w)$"
    r"|^(?:un)?(?:cer|chem|clitor|dem|den|desp|mant|merchand|mort|parad|pen|surm|sunr|treat|val)$"
)
_ISE = re.compile(
    r"(?P<root>[a-zà-ÿ]{3,})is"
    r"(?P<end>e|es|ed|er|ers|ing|ings|able|ability|ation|ations|ational|ationally)"
)
_OUR = "behavi|endeav|fav|flav|harb|hon|hum|lab|neighb|od|rum|sav|vap|vig"
_SINGLE_L = "label|model|signal|channel|counsel|travel|cancel|tunnel|level|total|equal|fuel|trial"
# (pattern, replacement), in this order. Lists of roots rather than "every ae, oe, our": the
# general rule would also take "aerosol", "intraepithelial", "gastroesophageal" and "four".
_SPELLINGS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        ("æ", "ae"),
        ("œ", "oe"),
        # ae
        (r"haem(?=s?$)", "heme"),
        (r"haem", "hem"),
        (r"aemi(?=[ac])", "emi"),
        (r"(?<=[a-z])aesthe", "esthe"),
        (r"aetiolog", "etiolog"),
        (r"paed", "ped"),
        (r"gynaec", "gynec"),
        (r"caesar(?=[ei]an)", "cesar"),
        (r"cesarian", "cesarean"),
        (r"caesium", "cesium"),
        (r"(?<=f)aec(?!alis|ium)|(?<=c)aec", "ec"),
        (r"praevia", "previa"),
        (r"naev(?=[iou])", "nev"),
        (r"phaeo", "pheo"),
        (r"^(pal|l)ae(?=[ov])", r"\1e"),
        (r"melaena", "melena"),
        (r"fraen(?=u)", "fren"),
        (r"glutae", "glute"),
        (r"spirochaet", "spirochet"),
        (r"aegophon", "egophon"),
        # oe; "gastroesophageal" and "angioedema" are American as they stand
        (r"(?:^|(?<=trans)|(?<=peri)|(?<=[ao]))oesophag", "esophag"),
        (r"(?:^|(?<=anti)|(?<=hyper)|(?<=stilb)|(?<=yl)|(?<=o))oestr", "estr"),
        (r"(?<!angi)(?<!pseud)(?<!my)(?<!leuk)oedem(?=a)", "edem"),
        (r"foet(?=[aiou])", "fet"),
        (r"rrhoe(?=[ai])", "rrhe"),
        (r"pnoe(?=[ai])", "pne"),
        (r"coeli(?=ac|o)", "celi"),
        (r"(hydro|varico|mening(?:omyel)?o|spermato)coele", r"\1cele"),
        (r"amoeb", "ameb"),
        (r"homoeo", "homeo"),
        (r"manoeuvr(?:e(?!d))?", "maneuver"),
        # -our, -re, -lys-
        (r"(?<=tum)our|(?<=col)our", "or"),
        (rf"^((?:dis|un|mis|mal)?(?:{_OUR}))our", r"\1or"),
        (r"(cent|theat|goit|fib|calib|lit|tit|met|diopt)r(?:e(?=s?$)|(?=ed$))", r"\1er"),
        (r"^centring$", "centering"),
        (r"^((?:micro)?fib)re(?=opt|glass|scop)", r"\1er"),
        (r"(?<=[aou])lys(?=(?:e|ed|er|ers|ing|able)$)", "lyz"),
        # single letters
        (r"sulph", "sulf"),
        (r"leuco(?!vorin|nostoc|tom)", "leuko"),
        (r"leucaemi|leucemi", "leukemi"),
        (r"(?<=anal|atal|omol)ogue(?=s?$)", "og"),
        (r"gramme(?=s?$)", "gram"),
        (r"^(def|off)ence(?=s?$)", r"\1ense"),
        (r"^licence(?=[sd]?$)", "license"),
        (r"practis(?=e|ing)", "practic"),
        (r"tranquillis|tranquilliz", "tranquiliz"),
        (rf"({_SINGLE_L})l(?=(?:ed|ing|er|ers|or|ors)$)", r"\1"),
        (r"^(enrol|fulfil|instil|distil)(?=s?$|ment)", r"\1l"),
        (r"^(dis)?orientated$", r"\1oriented"),
        (r"^(skil|wil)ful", r"\1lful"),
        (r"^neurone(?=s?$)", "neuron"),
        (r"^ageing$", "aging"),
        (r"^grey", "gray"),
        (r"^mould", "mold"),
        (r"^aluminium$", "aluminum"),
        (r"specialit(?=y$|ies$)", "specialt"),
        (r"^liquorice", "licorice"),
        (r"^disc(?=s?$)", "disk"),
    )
)


def american(word: str) -> str:
    """Return a lower-case word in American spelling; other words come back as they are.

    Applying it again changes nothing.

    >>> [american(w) for w in "haemorrhage oedema randomised tumour exercise aerobic".split()]
    ['hemorrhage', 'edema', 'randomized', 'tumor', 'exercise', 'aerobic']
    """
    while (respelt := _respell(word)) != word:
        word = respelt
    return word


def _respell(word: str) -> str:
    for pattern, replacement in _SPELLINGS:
        word = pattern.sub(replacement, word)
    found = _ISE.fullmatch(word)
    if found and not _ISE_KEPT.search(found["root"]):
        return f"{found['root']}iz{found['end']}"
    return word


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Groups of equivalent phrases, ready to be found in normalised text.

    `names[phrase]` is the concept of a normalised phrase: "=" and its group's first phrase as it
    stands in the file. `longest[word]` is the length, in words, of the longest phrase that opens
    with that word.
    """

    names: dict[tuple[str, ...], str]
    longest: dict[str, int]

    @classmethod
    def load(cls, normalise: Normalise) -> "Lexicon":
        """Return the built-in lexicon, read once per `normalise`; errors as in `parse`."""
        return _built_in(normalise)

    @classmethod
    def parse(cls, text: str, normalise: Normalise, *, name: str = FILE.name) -> "Lexicon":
        """Read the format of `lexicon.txt`: a group a line, phrases parted by " | ", "#" remarks.

        `normalise` turns a phrase into the words that `concepts` will be given. Raises
        FileInputError naming line and phrase when a group has fewer than two phrases, or a phrase
        is empty, is not lower case, has no word left, or belongs to an earlier group.
        """
        names: dict[tuple[str, ...], str] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip() and not line.startswith("#"):
                try:
                    _add(names, [phrase.strip() for phrase in line.split("|")], normalise)
                except ValueError as error:
                    raise FileInputError(name, str(error), place=f"line {number}") from None
        longest: dict[str, int] = {}
        for key in names:
            longest[key[0]] = max(longest.get(key[0], 0), len(key))
        return cls(names=names, longest=longest)

    def concepts(self, stems: Sequence[str]) -> list[Concept]:
        """Return (start, end, concept) for the phrases found in `stems`, left to right.

        At each place the longest phrase is taken and nothing inside it, so that spans do not
        overlap: `stems[start:end]` is the phrase. Linear in the number of stems.
        """
        found: list[Concept] = []
        start = 0
        while start < len(stems):
            end, concept = self._at(stems, start)
            if concept:
                found.append((start, end, concept))
            start = end
        return found

    def _at(self, stems: Sequence[str], start: int) -> tuple[int, str]:
        longest = min(self.longest.get(stems[start], 0), len(stems) - start)
        for length in range(longest, 0, -1):
            concept = self.names.get(tuple(stems[start : start + length]))
            if concept is not None:
                return start + length, concept
        return start + 1, ""


@lru_cache(maxsize=4)
def _built_in(normalise: Normalise) -> Lexicon:
    return Lexicon.parse(FILE.read_text(encoding="utf-8"), normalise)


def _add(names: dict[tuple[str, ...], str], phrases: list[str], normalise: Normalise) -> None:
    """Add one group to `names`; ValueError says which phrase is wrong."""
    if len(phrases) < 2:  # noqa: PLR2004 - one phrase is equivalent to nothing
        raise ValueError(f"{phrases[0]!r} stands alone in its group")
    concept = f"={phrases[0]}"
    for phrase in phrases:
        if not phrase or phrase != phrase.lower():
            raise ValueError(f"{phrase!r} is not a phrase in lower case")
        key = tuple(normalise(phrase))
        if not key:
            raise ValueError(f"{phrase!r} has no word left when stop words are dropped")
        other = names.setdefault(key, concept)
        if other != concept:
            raise ValueError(f"{phrase!r} is also found as {other[1:]!r}, another group")
