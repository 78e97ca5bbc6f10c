"""The words that perturbing and varying a sentence exchange: data only, general medicine.

Left out on purpose are words that are often part of a name or of a fixed phrase: "positive"
(airway pressure), "left" (ventricle), "high" (resolution), "first" (line).
"""

import re

_DIRECTIONS = (
    "increase/decrease increases/decreases increased/decreased increasing/decreasing "
    "higher/lower highest/lowest greater/smaller more/less longer/shorter earlier/later "
    "faster/slower better/worse improve/worsen improves/worsens improved/worsened "
    "improving/worsening improvement/worsening improvements/deteriorations raise/lower "
    "raises/lowers raised/lowered elevated/reduced elevation/reduction elevations/reductions "
    "superior/inferior "
    "upregulated/downregulated upregulates/downregulates upregulation/downregulation "
    "activates/inhibits activate/inhibit activation/inhibition promotes/suppresses "
    "promote/suppress promoted/suppressed enhances/impairs enhance/impair enhanced/impaired "
    "gain/loss beneficial/harmful benefit/harm effective/ineffective safe/unsafe common/rare "
    "frequent/infrequent frequently/rarely often/seldom positively/negatively "
    "before/after above/below majority/minority susceptible/resistant "
    "rose/fell rises/falls strengthens/weakens stimulates/inhibits accelerates/delays "
    "accelerated/delayed"
)
# One way only: the other way is in the list above with another partner.
_ONE_WAY = (
    "reduce/increase reduces/increases reduced/increased reducing/increasing fewer/more "
    "reduction/increase reductions/increases decline/rise declined/rose declines/rises "
    "prevents/causes prevent/cause prevented/caused stimulate/inhibit attenuates/enhances "
    "attenuated/enhanced induces/prevents diminished/enhanced"
)


def _pairs(written: str) -> list[tuple[str, str]]:
    return [(left, right) for left, _, right in (p.partition("/") for p in written.split())]


def _opposites() -> dict[str, str]:
    both = _pairs(_DIRECTIONS)
    found = dict(_pairs(_ONE_WAY))
    for one, other in both:
        found.setdefault(one, other)
        found.setdefault(other, one)
    return found


# A lower-case word of direction or worth, and the one that turns it round.
OPPOSITES: dict[str, str] = _opposites()

# Who was studied, and somebody else.
POPULATIONS: dict[str, str] = {
    "men": "women",
    "women": "men",
    "males": "females",
    "females": "males",
    "boys": "girls",
    "girls": "boys",
    "children": "adults",
    "adults": "children",
    "infants": "adolescents",
    "newborns": "toddlers",
    "neonates": "adolescents",
    "adolescents": "infants",
    "pregnant women": "children",
    "postmenopausal women": "premenopausal women",
    "premenopausal women": "postmenopausal women",
    "mice": "dogs",
    "rats": "rabbits",
    "humans": "mice",
    "smokers": "children",
    "older adults": "young adults",
    "elderly patients": "young patients",
    "outpatients": "inpatients",
    "inpatients": "outpatients",
    "nurses": "surgeons",
    "students": "pensioners",
}

# A unit, and one that makes another quantity of the same number.
UNITS: dict[str, str] = {
    "mg": "g",
    "g": "mg",
    "kg": "g",
    "µg": "mg",
    "μg": "mg",
    "mcg": "mg",
    "ng": "µg",
    "ml": "l",
    "mL": "L",
    "dl": "ml",
    "mm": "cm",
    "cm": "mm",
    "mmHg": "kPa",
    "mmol/l": "mg/dl",
    "mmol/L": "mg/dL",
    "mg/dl": "mmol/l",
    "mg/dL": "mmol/L",
    "mg/kg": "g/kg",
    "seconds": "minutes",
    "minutes": "hours",
    "min": "hours",
    "hours": "days",
    "hour": "day",
    "days": "weeks",
    "day": "week",
    "weeks": "months",
    "week": "month",
    "months": "years",
    "month": "year",
    "years": "months",
    "year": "month",
}

# What stands before a number, and what says otherwise of it.
COMPARATORS: dict[str, str] = {
    "more than": "less than",
    "less than": "more than",
    "greater than": "less than",
    "fewer than": "more than",
    "higher than": "lower than",
    "lower than": "higher than",
    "older than": "younger than",
    "younger than": "older than",
    "at least": "at most",
    "at most": "at least",
    "up to": "at least",
    "no more than": "more than",
    "over": "under",
    "under": "over",
    "above": "below",
    "below": "above",
    "≥": "<",
    "≤": ">",
    ">": "<",
    "<": ">",
    "exceeding": "below",
}

# A hedge, and the same said firmly; an empty text drops it.
HEDGES: dict[str, str] = {
    "may": "will",
    "might": "will",
    "could": "will",
    "suggest that": "prove that",
    "suggests that": "proves that",
    "suggested that": "proved that",
    "suggesting that": "proving that",
    "indicate that": "prove that",
    "indicates that": "proves that",
    "seem to": "are known to",
    "seems to": "is known to",
    "appear to": "are known to",
    "appears to": "is known to",
    "is associated with": "causes",
    "are associated with": "cause",
    "was associated with": "caused",
    "were associated with": "caused",
    "is likely to": "is certain to",
    "are likely to": "are certain to",
    "possibly": "",
    "probably": "",
    "potentially": "",
    "perhaps": "",
}

NUMBER_WORDS: dict[str, int] = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "fifteen": 15,
    "twenty": 20,
}

# How much of the second unit one of the first is, exactly.
EXACT: tuple[tuple[str, int, str], ...] = (
    ("weeks", 7, "days"),
    ("days", 24, "hours"),
    ("hours", 60, "minutes"),
    ("years", 12, "months"),
    ("g", 1000, "mg"),
    ("mg", 1000, "µg"),
    ("kg", 1000, "g"),
    ("cm", 10, "mm"),
    ("L", 1000, "mL"),
    ("l", 1000, "ml"),
)

# General words that a writer exchanges without changing what is said.
SYNONYMS: dict[str, str] = {
    "approximately": "about",
    "individuals": "people",
    "due to": "because of",
    "compared with": "versus",
    "compared to": "versus",
    "associated with": "linked to",
    "demonstrate": "show",
    "demonstrated": "showed",
    "in order to": "to",
    "prior to": "before",
    "subsequently": "later",
    "additionally": "also",
    "utilized": "used",
    "commonly": "often",
    "physicians": "doctors",
    "therapy": "treatment",
    "required": "needed",
    "whereas": "while",
    "however": "but",
    "patients with": "people with",
    "in patients": "in people",
}

# American words, and how they are written in Britain; the other way is `index.lexicon.american`.
BRITISH: dict[str, str] = {
    "tumor": "tumour",
    "tumors": "tumours",
    "anemia": "anaemia",
    "edema": "oedema",
    "hemorrhage": "haemorrhage",
    "hemoglobin": "haemoglobin",
    "leukemia": "leukaemia",
    "ischemia": "ischaemia",
    "ischemic": "ischaemic",
    "hypoglycemia": "hypoglycaemia",
    "pediatric": "paediatric",
    "esophageal": "oesophageal",
    "diarrhea": "diarrhoea",
    "estrogen": "oestrogen",
    "fetal": "foetal",
    "randomized": "randomised",
    "hospitalized": "hospitalised",
    "characterized": "characterised",
    "behavior": "behaviour",
    "color": "colour",
    "center": "centre",
    "centers": "centres",
    "fiber": "fibre",
    "labor": "labour",
    "counseling": "counselling",
    "analyzed": "analysed",
}

# Statistics' own abbreviations: exchanging one for another makes no claim about medicine.
NOT_ENTITIES = frozenset(
    "CI SD SE SEM OR RR HR IQR AUC ROC ANOVA RCT RCTS USA UK US WHO NCT BACKGROUND METHODS RESULTS "
    "RESULT CONCLUSION CONCLUSIONS OBJECTIVE OBJECTIVES AIM AIMS PURPOSE DESIGN SETTING PATIENTS "
    "FINDINGS INTERPRETATION MEASUREMENTS INTERVENTION INTERVENTIONS INTRODUCTION STUDY AND THE IN "
    "OF METHOD MATERIALS MATERIAL PARTICIPANTS MAIN OUTCOME OUTCOMES MEASURES DATA SOURCES LIMITS "
    "DISCUSSION CONTEXT IMPORTANCE EVIDENCE LEVEL I II III IV V VI VII VIII IX X".split()
)


def any_of(phrases: object) -> re.Pattern[str]:
    """Return a pattern for whole phrases in any case, the longest first; not inside a compound.

    Raises TypeError for something that is no collection of texts.
    """
    if not isinstance(phrases, dict | frozenset):
        raise TypeError("a dict or a frozenset of phrases is wanted")
    longest = sorted(phrases, key=lambda p: (-len(p), p))
    alternatives = "|".join(re.escape(p) for p in longest)
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w-])", re.IGNORECASE)
