"""The words by which a question leans on what was said before.

A question has words that name its subject ("prednisone", "lung cancer") and words that only ask
something about a subject ("symptoms", "treated", "main"). The lists hold the second kind and the
signs of leaning; every other content word counts as a name. All of this is general English and
general medicine: nothing here was taken from a question set.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from index.lexical import stems

Role = Literal["plain", "aspect", "name"]
Kind = Literal["drug", "disease", "people", ""]

# What is asked of a subject, as nouns, verbs and adjectives. Compared as stems.
_ASPECTS = frozenset(
    """
cause reason risk factor symptom sign feature finding manifestation presentation complication
side effect consequence impact outcome prognosis outlook survival mortality rate incidence
prevalence frequency treatment therapy management option alternative cure care dose dosage
dosing duration course length time schedule regimen diagnosis diagnostic test screening workup
evaluation assessment examination investigation prevention precaution contraindication
indication interaction benefit harm advantage disadvantage pro con drawback limitation
implication competitor evidence guideline recommendation criteria criterion definition meaning
type kind form sort stage subtype variant class classification example part layer history origin
development mechanism function role purpose usage difference similarity comparison relationship
relation link association connection cost price importance significance member theme character
source level amount number percentage percent chance likelihood possibility probability goal aim
target threshold cutoff value range limit term word fact detail information result conclusion
argument controversy criticism problem issue challenge question answer way approach technique
process step year month week day hour patient people person case individual thing world today
life treat manage diagnose prevent help heal work happen occur affect differ compare relate mean
show find found suggest recommend use give given take took taken start stop continue end begin
began increase decrease raise rise lower reduce improve worsen change last respond response
recur relapse return come came go went need require avoid develop spread detect measure monitor
check confirm exclude distinguish look make made get got become became consider expect keep kept
know known call lead involve include contain win won originate invent discover create main major
minor common usual typical important popular best worst better worse good bad safe safer
effective efficient useful necessary possible likely rare frequent different similar new old
early late long short high low large small big great severe mild serious dangerous harmful
general specific special normal abnormal real true actual current recent positive negative key
basic famous successful interesting ethical author founder creator inventor version place area
treatable curable preventable contagious hereditary fatal enough sufficient appropriate suitable
bigger smaller larger higher longer shorter older younger cheaper faster slower stronger weaker
earlier later quickly slowly often usually typically long-term short-term modern accept add
allow appear apply arise arrange arrive base believe belong break bring build buy carry catch
choose claim complain complete consist contribute count cover decide deliver depend destroy die
disappear divide eat enable encourage enjoy enter establish evolve exist express extend fail
feed feel fill finish follow forget gain grow handle hear hide hold hope imagine inform
influence intend introduce invite join kill land learn leave listen live lose love marry matter
meet miss move obtain offer open operate order own pass pay perform pick play prefer prepare
produce protect prove provide publish pull push put reach read realise receive recognise refer
reflect refuse release remain remember remove repeat replace report represent save see seek seem
sell send separate serve settle share shift shorten sit solve speak spend stand stay study
succeed suffer support suppose survive talk taste teach tend throw touch travel try turn
understand visit wait walk warn watch wear weigh wish wonder worry write located born died built
founded chosen seen sold held shown done gone objective strategy pattern structure component
property characteristic quality principle concept idea view opinion
""".split()
)

# Words that carry no subject and no question either: not stop words of the index, yet never taken
# along from an earlier question.
_PLAIN = frozenset(
    "from than between versus vs during after before until since while because though although "
    "against without within per via over under above below up down out off through throughout "
    "again still yet ever never always too very more most less least only even just both either "
    "neither each every all same other others another else such former latter first second third "
    "next last further really actually generally not no yes right well like them us get got "
    "getting let lets let's want think believe say said mentioned it's that's what's who's how's "
    "where's there's they're don't doesn't isn't aren't can't several few give list compare "
    "discuss regarding concerning around toward towards soon back apart forget anything something "
    "nothing everything somebody someone anyone anybody".split()
)
# A subject that such a predicate is said of wants a second one: helps with what, safe in what?
TWO_PLACE = frozenset(
    stems(
        "help work effective useful indicated need needed recommended safe enough necessary given "
        "used use sufficient possible better show option role matter advisable worth required "
        "affect differ compare respond appropriate suitable contraindicated allowed relevant "
        "preferred tried works helps"
    )
)
GRADING = frozenset("most more less least very so too how".split())
OPENERS = frozenset(
    "and but or so then also okay ok well right alright yes no thanks please".split()
)
AUXILIARIES = frozenset(
    "is are was were be do does did can could should would will shall may might must has have had "
    "isn't aren't wasn't weren't don't doesn't didn't can't couldn't shouldn't wouldn't won't "
    "what's who's how's where's there's it's that's they're".split()
)
# Main verbs of questions that have no auxiliary: "What causes gout?"
_SUBJECT_VERBS = frozenset(
    "exist exists causes caused helps improves prevents triggers happens happened increases "
    "reduces leads raises lowers makes made means explains predicts suggests favours favors "
    "occurs differs came comes distinguishes affects worked works contains requires cause help "
    "improve prevent trigger".split()
)
IMPERATIVES = frozenset(
    "tell describe explain list discuss define compare summarise summarize".split()
)
WH = frozenset("what which who whom whose when where why how".split())
PREPOSITIONS = frozenset(
    "of in on at for with without to from by about after before during between among against into "
    "over under than versus vs as like via per within until since above below around".split()
)
CLAUSE_BREAKS = frozenset(
    "and but or when if because while since until that which who so though although once".split()
)
SINGULAR = frozenset("it its it's itself this".split())
PLURAL = frozenset("they them their theirs they're these those themselves".split())
PERSONS = frozenset("he she him her his hers".split())
_SUPERLATIVE = re.compile(r"[a-z]{3,}est")
_NOT_SUPERLATIVE = frozenset(
    "arrest breast chest conquest contest digest forest guest harvest infest ingest interest "
    "invest protest quest request suggest".split()
)
_DRUG = re.compile(
    r"[a-z]+(?:mab|nib|olol|pril|sartan|statin|cillin|mycin|micin|azole|xaban|parin|gatran|profen|"
    r"oxacin|cycline|vir|tidine|prazole|setron|triptan|gliptin|gliflozin|glutide|platin|rubicin|"
    r"sone|solone|lone|trexate|thiazide|semide|dipine|amide|prine|zepam|barbital|phylline|furantoin|"
    r"mustine|stine|taxel|limus|fenolate|phamide|feron|darone|cillins|statins|steroids?|warfarin)s?"
)
_DISEASE = re.compile(
    r"[a-z]+(?:itis|itides|osis|oses|[ae]emia|oma|omas|pathy|pathies|algia|plegia|rrhoea|rrhea|"
    r"sclerosis|ectasis|trophy|thorax|megaly|penia|uria|ism|monia|ectomy)|"
    r"disease|syndrome|cancer|tumou?r|fibrosis|diabetes|asthma|gout|stroke|sepsis|embolism|"
    r"infection|infarction|failure|deficiency|injury|disorder|copd|covid|hiv|influenza|malaria|lupus"
)
_PEOPLE = frozenset(
    "child children infant infants baby babies newborn newborns adolescent adolescents teenager "
    "teenagers adult adults elderly woman women man men boy boys girl girls pregnancy pregnant "
    "breastfeeding male males female females smoker smokers older young athletes".split()
)
_SAME_ENDING = 5
_SHORT_LY = 5
_SHORT_PLURAL = 3
# What an asked-for word may lack: the role of steroids … in what?
OF_TWO_PLACE = frozenset(stems("role place dose dosage usage contribution value importance"))
# "Effects on bones", "dose in children": of what, the words behind these prepositions do not say.
SIDE_PREPOSITIONS = frozenset("in on at with during among after before by over".split())
# With "the" and nothing else: what was talked about, by its class.
CLASSES = frozenset(
    "disease illness condition disorder syndrome drug drugs medicine medicines medication "
    "medications agent agents tablet tablets infection virus bacterium vaccine operation surgery "
    "procedure intervention trial study studies experiment experiments company organisation "
    "organization country city town team group film movie book story song band game event war "
    "species animal plant author founder".split()
)
# Right behind a name they belong to it: "halo sign", "lung function".
COMPOUNDS = frozenset(
    stems(
        "sign function symptom feature finding factor rate count survival level treatment therapy "
        "management diagnosis screening guideline recommendation criteria mechanism complication "
        "presentation manifestation prognosis outcome mortality incidence prevalence dose dosage "
        "regimen duration issue procedure technique method history"
    )
)
SORTS = frozenset("kind type sort form".split())


@lru_cache(maxsize=1)
def _aspect_stems() -> frozenset[str]:
    return frozenset(stems(" ".join(_ASPECTS)))


@lru_cache(maxsize=10_000)
def role(word: str) -> Role:
    """Tell whether a lower-case word names a subject, asks of one, or does neither."""
    parts = stems(word)
    if not parts or word in _PLAIN:
        return "plain"
    if word in _ASPECTS or (word.endswith("ly") and len(word) > _SHORT_LY):
        return "aspect"
    if _aspect_stems().issuperset(parts) or is_superlative(word):
        return "aspect"
    return "name"


def is_superlative(word: str) -> bool:
    """Tell whether a lower-case word is of the kind of "largest"."""
    if word in {"best", "worst", "most", "least"}:
        return True
    return word not in _NOT_SUPERLATIVE and bool(_SUPERLATIVE.fullmatch(word))


def is_clause(words: Sequence[str]) -> bool:
    """Tell whether lower-case words hold a verb that makes them a whole question."""
    if any(w in AUXILIARIES or w in _SUBJECT_VERBS or w in IMPERATIVES for w in words):
        return True
    # "Who invented it?"
    return len(words) > 1 and words[0] in {"who", "what"} and words[1].endswith("ed")


def kind(word: str) -> Kind:
    """Return what kind of medical thing a lower-case head word names, "" when not known."""
    if word in _PEOPLE:
        return "people"
    if _DISEASE.fullmatch(word):
        return "disease"
    return "drug" if _DRUG.fullmatch(word) else ""


def is_plural(word: str) -> bool:
    """Tell whether a lower-case word looks like a plural."""
    return word in {"people", "children", "men", "women"} or (
        len(word) > _SHORT_PLURAL and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    )


def alike(one: str, other: str) -> bool:
    """Tell whether two lower-case head words name things of one kind.

    >>> alike("apixaban", "rivaroxaban"), alike("apixaban", "embolism")
    (True, False)
    """
    if kind(one) and kind(one) == kind(other):
        return True
    if is_superlative(one) and is_superlative(other):
        return True
    shared = min(len(one), len(other), _SAME_ENDING)
    return one == other or (shared >= _SAME_ENDING and one[-shared:] == other[-shared:])
