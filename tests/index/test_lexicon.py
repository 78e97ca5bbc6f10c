import re
from collections.abc import Sequence

import pytest
import Stemmer
from bm25s.stopwords import STOPWORDS_EN
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import FileInputError
from index.lexicon import FILE, Lexicon, american

STOP_WORDS = frozenset(STOPWORDS_EN) | frozenset(
    "what which who whom whose when where why how does do did is are was were can could should "
    "would will may might must has have had am been being many much".split()
)
STEMMER = Stemmer.Stemmer("english")


def normalise(phrase: str) -> list[str]:
    words = (w for w in re.findall(r"\w+", phrase.lower()) if w not in STOP_WORDS)
    return [str(STEMMER.stemWord(american(word))) for word in words]


def found(text: str) -> list[str]:
    return [concept for _, _, concept in Lexicon.load(normalise).concepts(normalise(text))]


def groups() -> list[list[str]]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [line.split(" | ") for line in lines if line and not line.startswith("#")]


# ---- Spelling


@pytest.mark.parametrize(
    "pair",
    (
        "haemorrhage hemorrhage|haem heme|anaemia anemia|ischaemic ischemic|leucaemia leukemia|"
        "oesophagus esophagus|gastrooesophageal gastroesophageal|oedema edema|foetus fetus|"
        "transoesophageal transesophageal|oestrogen estrogen|ethinyloestradiol ethinylestradiol|"
        "diarrhoea diarrhea|dyspnoeic dyspneic|coeliac celiac|amoebic amebic|paediatric pediatric|"
        "gynaecology gynecology|caesarean cesarean|caesarian cesarean|faecal fecal|caecum cecum|"
        "aetiology etiology|anaesthetise anesthetize|paraesthesia paresthesia|naevi nevi|"
        "phaeochromocytoma pheochromocytoma|melaena melena|spirochaete spirochete|fœtal fetal|"
        "tumour tumor|behavioural behavioral|colourless colorless|versicolour versicolor|"
        "centre center|centred centered|fibreoptic fiberoptic|litres liters|goitre goiter|"
        "manoeuvre maneuver|manoeuvred maneuvered|manoeuvring maneuvering|"
        "randomised randomized|hospitalisation hospitalization|ionising ionizing|"
        "nebuliser nebulizer|metastasise metastasize|criticise criticize|analysed analyzed|"
        "dialyser dialyzer|sulphonylurea sulfonylurea|leucocyte leukocyte|analogue analog|"
        "programmes programs|labelled labeled|counselling counseling|practised practiced|"
        "licence license|ageing aging|grey gray|neurones neurons|disc disk|enrolment enrollment|"
        "tranquilliser tranquilizer"
    ).split("|"),
)
def test_british_spelling_becomes_american(pair: str) -> None:
    """A British spelling is turned into the American one, which stays as it is."""
    british, us = pair.split()
    assert american(british) == us
    assert american(us) == us


@pytest.mark.parametrize(
    "word",
    (
        "does shoes toes goes poetic coexist hypnoerotic roentgen coenzyme phoenix four hour our "
        "tour pour source course contour glamour velour wise otherwise disease diseased noise "
        "exercise exercised exercising excise incised precise concise circumcised practice raised "
        "rising arise promise compromised immunocompromised comprise surprise enterprise advise "
        "revised supervised devise improvise bruise bruising expertise treatise franchise iris "
        "pelvises penises crises analyses paralyses lysed diabetes aerobic anaerobic aerosol "
        "aeruginosa israel michael larvae pneumoniae influenzae bullae intraepithelial "
        "gastroesophageal paraesophageal phytoestrogen angioedema faecium leucovorin leucine "
        "enterocoele there were acre fever parameter diameter program gram grammar pedal travel "
        "level cancellation modest instill practitioner disability disabled visable 5-fu β x1"
    ).split(),
)
def test_other_words_stay(word: str) -> None:
    """A word that only looks British, or is written the same everywhere, is not touched."""
    assert american(word) == word


PIECES = (
    "haem aemi aesthe paed caec faec ae oe oesophag oestr oedem foet rrhoea pnoea our tum col ise "
    "isation ised ising lys e ed er s tre fib cent met sulph leuco leuc gramme l ll fulfil skilful "
    "practis tranquillis manoeuvr enrol a i o u n r t æ œ"
)


@given(st.lists(st.sampled_from(PIECES.split()), max_size=8).map("".join) | st.text(max_size=12))
def test_spelling_twice_changes_nothing(word: str) -> None:
    """Whatever the word, American spelling is reached in one call."""
    assert american(american(word)) == american(word)


def test_lookalike_medical_words_stay_apart() -> None:
    """Words that differ in more than British spelling never become the same word."""
    words = (
        "hypercalcaemia hyperkalaemia hypocalcaemia hypokalaemia hypernatraemia ileum ilium "
        "enterocoele enterocele perineal peritoneal peroneal leucovorin leucocyte coelom caecum "
        "faeces facies aetiology ethology oestrus estrogen ureter urethra uraemia urea haematoma "
        "hepatoma haem hem hemi analyses analysis analyst paralyses paralysis pedal paediatric "
        "podiatric humour humeral humoral tumoral tibial lavage lavish raised razed revise"
    ).split()
    assert len({american(word) for word in words}) == len(words)


# ---- Groups of phrases


def split(phrase: str) -> list[str]:
    return [word for word in phrase.split() if word != "of"]


PARSED = Lexicon.parse(
    "# remark\n\nshort of breath | sob\na b c | a b | d\nb c | c a\nb | e\n", split
)


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("", []),
        ("x", []),
        ("sob", [(0, 1, "=short of breath")]),
        ("x short breath x", [(1, 3, "=short of breath")]),
        ("a b c", [(0, 3, "=a b c")]),
        ("a b x c", [(0, 2, "=a b c")]),
        ("a x", []),
        ("b c a", [(0, 2, "=b c")]),
        ("b b c", [(0, 1, "=b"), (1, 3, "=b c")]),
        ("d d", [(0, 1, "=a b c"), (1, 2, "=a b c")]),
        ("a", []),
    ],
)
def test_longest_phrases_are_found(text: str, concepts: list[tuple[int, int, str]]) -> None:
    """From left to right the longest phrase is taken, named after its group's first phrase."""
    assert PARSED.concepts(text.split()) == concepts


def naive(stems: Sequence[str]) -> list[tuple[int, int, str]]:
    """Find the concepts by trying every phrase at every place."""
    spans: list[tuple[int, int, str]] = []
    for start in range(len(stems)):
        if spans and start < spans[-1][1]:
            continue
        here = [
            (start, start + len(key), concept)
            for key, concept in PARSED.names.items()
            if tuple(stems[start : start + len(key)]) == key
        ]
        spans += sorted(here, reverse=True)[:1]
    return spans


@given(st.lists(st.sampled_from("abcde"), max_size=30))
def test_matching_agrees_with_the_naive_search(stems: list[str]) -> None:
    """The look-up by first word finds what trying every phrase at every place finds."""
    assert PARSED.concepts(stems) == naive(stems)


@pytest.mark.parametrize(
    ("text", "place", "phrase"),
    [
        ("fever | pyrexia\n\nheart\n", "line 3", "'heart'"),
        ("fever | pyrexia |\n", "line 1", "''"),
        ("fever | Pyrexia\n", "line 1", "'Pyrexia'"),
        ("# all\nonly | of\n", "line 2", "'of'"),
        ("fever | pyrexia\nheat | fever\n", "line 2", "'fever'"),
        ("short breath | sob\nbreath of | short of breath\n", "line 2", "'short of breath'"),
    ],
)
def test_bad_lines_are_refused(text: str, place: str, phrase: str) -> None:
    """A broken group is an error of one line that names file, line and phrase."""
    with pytest.raises(FileInputError) as error:
        Lexicon.parse(text, split, name="words.txt")
    message = str(error.value)
    assert message.startswith(f"words.txt, {place}: {phrase}")
    assert "\n" not in message


# ---- The built-in lexicon


def test_built_in_lexicon_is_read_once() -> None:
    """Loading again with the same normaliser gives the same object."""
    assert Lexicon.load(normalise) is Lexicon.load(normalise)


def test_every_phrase_is_its_groups_concept() -> None:
    """No two groups collide after spelling, stop words and stemming: each phrase names its own."""
    for first, *others in groups():
        for phrase in (first, *others):
            assert found(phrase) == [f"={first}"]


def test_every_phrase_earns_its_entry() -> None:
    """Without its entry a phrase would not be found as its concept: nothing stands there twice."""
    names = dict(Lexicon.load(normalise).names)
    without = Lexicon(names=names, longest=Lexicon.load(normalise).longest)
    for first, *others in groups():
        keys = [tuple(normalise(phrase)) for phrase in (first, *others)]
        assert len(set(keys)) == len(keys), first
        for key in keys[1:]:
            del names[key]
            assert f"={first}" not in [concept for _, _, concept in without.concepts(key)], key
            names[key] = f"={first}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is she short of breath?", "dyspnoea"),
        ("high blood pressure", "arterial hypertension"),
        ("a blood clot in the lung", "pulmonary embolism"),
        ("heart attack", "acute MI"),
        ("steroids", "glucocorticoids"),
        ("twice a day", "BID"),
        ("Eliquis", "apixaban"),
        ("tapering", "weaned"),
        ("Bactrim", "TMP-SMX"),
        ("What are the side effects?", "adverse events"),
        ("come back", "relapses"),
        ("stage IV", "stage 4"),
        ("children", "paediatric"),
        ("did anyone die", "mortality"),
    ],
)
def test_lay_and_clinical_words_meet(one: str, other: str) -> None:
    """What a patient types and what an article prints share a concept."""
    assert set(found(one)) & set(found(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hypertension", "hypotension"),
        ("hyperkalaemia", "hypokalaemia"),
        ("type 1 diabetes", "type 2 diabetes"),
        ("anorexia nervosa", "loss of appetite"),
        ("stage IV", "intravenous"),
        ("grade III-IV", "intravenous"),
        ("opioid withdrawal", "stop"),
        ("anabolic steroids", "corticosteroids"),
        ("non-steroidal anti-inflammatory drugs", "corticosteroids"),
        ("PD-1", "PD-L1"),
        ("non-smoker", "smoker"),
        ("hepatitis B", "hepatitis C"),
        ("antenatal", "postnatal"),
        ("tests", "testicles"),
        ("lactate", "breastfeeding"),
        ("secondary", "metastasis"),
    ],
)
def test_different_things_stay_apart(one: str, other: str) -> None:
    """Opposites, neighbours and words that only look alike share no concept."""
    assert not set(found(one)) & set(found(other))


@pytest.mark.parametrize(
    "word",
    "all aids pet gist hit cold or as it us who map dash piles pad test red live extreme "
    "communication conjunction tendon sinus secondary prone".split(),
)
def test_everyday_words_are_no_concepts(word: str) -> None:
    """An abbreviation or stem that is also an everyday word is left alone."""
    assert found(word) == []
