"""What drugs, diseases and populations look like: endings of names, heads of phrases, groups."""

import re
from functools import lru_cache

from index.lexical import stems
from index.lexicon import FILE, Lexicon

# Stems of non-proprietary names (after the WHO's list); the least length keeps out plain words.
_DRUG_ENDINGS = (
    "mab nib tinib pril sartan statin olol azole cillin mycin micin cycline floxacin xaban gatran "
    "gliptin gliflozin glutide parin prazole dipine azepam azolam oxetine traline opram trozole "
    "asone solone onide thiazide semide lukast terol tropium triptan setron dronate tidine "
    "fibrate prost trexate prine limus caine profen triptyline zepine giline ciclovir vir vudine "
    "arone phenytoin phosphamide platin taxel rubicin bactam penem ximab zumab cept grel "
    "citabine thiouracil metformin furantoin bleomycin mustine relin reotide caftor lisib"
).split()
DRUG = re.compile(
    rf"(?<![\w-])(?:[a-z]{{3,}}(?:{'|'.join(_DRUG_ENDINGS)})|"
    r"anti(?!bod|gen|cipat)[a-z]{3,}(?:als?|ants?|ics?))(?![\w-])",
    re.IGNORECASE,
)
DRUGS_WHOLE = frozenset(
    "morphine colchicine warfarin digoxin adrenaline epinephrine levothyroxine allopurinol insulin "
    "heparin lithium codeine fentanyl interferon prednisone sulodexide mycophenolate quinine "
    "chloroquine hydroxychloroquine nitroglycerin placebo cisplatin caffeine nicotine melatonin "
    "ketamine propofol oxytocin clopidogrel ticagrelor prasugrel".split()
)
DISEASE = re.compile(
    r"(?<![\w-])[a-z]{2,}(?:itis|osis|aemia|emia|omas?|pathy|pathies|penia|algia|plegia|ectasis|"
    r"iasis|uria|rrhoea|rrhea|cytosis|sclerosis|dystrophy|dysplasia|philia)(?![\w-])",
    re.IGNORECASE,
)
WORD = re.compile(r"[a-z]{4,}", re.IGNORECASE)
PROCEDURE = re.compile(
    r"(?<![\w-])[a-z]{3,}(?:scopy|graphy|ectomy|plasty|ostomy|otomy|centesis)(?![\w-])",
    re.IGNORECASE,
)
NOT_DISEASES = frozenset(
    "diagnosis prognosis osmosis mitosis meiosis apoptosis symbiosis dosis stoma chroma aroma "
    "diploma coma hypnosis anastomosis phagocytosis".split()
)
# The last word of many names of diseases: the word before it tells which.
HEADED = re.compile(
    r"(?<![\w-])(?P<which>[a-z][a-z'-]{2,})\s(?P<head>diseases?|syndromes?|cancers?|infections?|"
    r"failure|deficienc(?:y|ies)|disorders?|pneumonias?|fibrosis|carcinomas?|lymphomas?|"
    r"leuka?emias?|ana?emias?|hepatitis|diabetes|arthritis|hypertension|pneumonitis|embolism|"
    r"thrombosis|vasculitis|stroke|injury|tuberculosis|gastritis)(?![\w-])",
    re.IGNORECASE,
)
# Before these words of disease: nothing that tells which.
UNTELLING = frozenset(
    "the this that these those their its his her any every each all some other another such same "
    "underlying serious severe mild moderate known common rare new more most and with without for "
    "from has have had having into than active suspected possible second earlier later current "
    "early late first recurrent persistent established advanced symptomatic true real many several "
    "few causes cause caused following including develops developed own main major minor causing "
    "against developing having both either neither which when where while after before during "
    "affected affects not".split()
)
_SECTIONS_OF_DRUGS = ("Kinds of drugs", "Drug names")
_SECTIONS_OF_DISEASES = (
    "Symptoms and signs",
    "Heart and vessels",
    "Lungs and breathing",
    "Stomach",
    "Kidney",
    "Hormones",
    "Nerves",
    "Joints",
    "Infection",
    "Cancer and blood",
    "Pregnancy",
    "Eyes",
)
_GENERAL = frozenset(
    ("=drug", "=symptom", "=malaise", "=nutrition", "=diet", "=birth", "=weight loss")
)

# Groups of people, and of what is no patient; those of one rank exclude each other.
GROUPS = {
    name: re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", re.IGNORECASE)
    for name, pattern in {
        "children": r"child(?:ren|hood)?|pa?ediatric|toddlers?|schoolchildren|boys?|girls?",
        "infants": r"infants?|neonat\w+|newborns?|babies|baby",
        "adolescents": r"adolescents?|teenage\w*",
        "adults": r"adults?",
        "elderly people": r"elderly|geriatric|old age|older (?:people|adults?|patients?|persons?|"
        r"men|women|individuals?)",
        "pregnant women": r"pregnan\w+",
        "postmenopausal women": r"post-?menopausal",
        "premenopausal women": r"pre-?menopausal",
        "women": r"women|woman|females?",
        "men": r"men|man|males?",
        "animals": r"mice|mouse|murine|rats?|rabbits?|dogs?|canine|pigs?|porcine|animals?|"
        r"zebrafish|monkeys?|macaques?|hamsters?",
        "cells": r"in vitro|cell lines?|cell culture|cultured cells",
        "smokers": r"(?<!non-)(?<!non )(?<!never )(?<!never-)smokers?",
        "non-smokers": r"non-?smokers?|never[- ]smokers?",
        "healthy people": r"healthy (?:\w+ )?(?:volunteers?|subjects?|people|persons?|controls?|"
        r"individuals?|adults?|participants?)",
    }.items()
}
BOTH_SEXES = re.compile(r"\b(?:both|either) sex(?:es)?\b", re.IGNORECASE)
_WHO = (
    r"patients?|people|persons?|individuals?|subjects?|participants?|adults?|children|women|men|"
    r"those|cases|infants?"
)
# "in patients with …": whom a sentence speaks of, and no one else.
RESTRICTED = re.compile(
    rf"\b(?:in|among|for|of|to)\s(?:the\s|all\s|most\s)?(?:[\w-]+\s){{0,2}}?(?:{_WHO})\s"
    r"(?:with|without|who|whose|aged|over|under|taking|receiving|undergoing|treated|on|in whom|"
    r"from)\s",
    re.IGNORECASE,
)
GROUPED = re.compile(
    r"\b(?:in|among|for)\s(?:the\s|these\s|all\s|most\s|both\s|young\s)?", re.IGNORECASE
)
EXCEPTED = re.compile(
    r"\b(?:except(?:\s(?:in|for))?|apart from|other than|but not in|unless)\s", re.IGNORECASE
)


@lru_cache(maxsize=1)
def concept_kinds() -> dict[str, str]:
    """Return "drug" or "disease" by the lexicon's concepts ("=asthma"), read off its headings."""
    kinds: dict[str, str] = {}
    names = Lexicon.load(stems).names
    kind = ""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("# ---- "):
            heading = line.removeprefix("# ---- ")
            kind = "drug" if heading.startswith(_SECTIONS_OF_DRUGS) else ""
            kind = "disease" if heading.startswith(_SECTIONS_OF_DISEASES) else kind
        elif kind and line.strip() and not line.startswith("#"):
            concept = names.get(tuple(stems(line.split(" | ")[0])))
            if concept is not None and concept not in _GENERAL:
                kinds[concept] = kind
    return kinds
