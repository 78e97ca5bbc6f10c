"""Drugs, diseases, populations and names: a claim may speak only of what its evidence names."""

from pathlib import Path

import pytest

from service.entities import Entities
from tests.fakes import clinic, document_of

NONE_KNOWN = Entities(long_forms={})


def kinds(claim: str, evidence: str, context: str = "") -> list[str]:
    """Return the kinds of the differences."""
    return [d.kind.value for d in NONE_KNOWN.differences(claim, evidence, context)]


@pytest.mark.parametrize(
    ("claim", "evidence", "kind"),
    [
        ("Warfarin helps.", "Apixaban helps.", "drug"),
        ("Rituximab helps.", "Infliximab helps.", "drug"),
        ("Antivirals help.", "Antibiotics help.", "drug"),
        ("It may cause asthma.", "It may cause gout.", "disease"),
        ("It follows eosinophilic pneumonia.", "It follows bacterial pneumonia.", "disease"),
        ("Lymphopenia is common.", "Neutropenia is common.", "disease"),
        ("It helps children.", "It helps adults.", "population"),
        ("It helps men.", "It helps women.", "population"),
        ("It is found in smokers.", "It is found in non-smokers.", "population"),
        ("It works in mice.", "It works in cell lines.", "population"),
        ("Antibodies against PD-2 do it.", "Antibodies against PD-1 do it.", "name"),
        ("Do a gastroscopy.", "Do a colonoscopy.", "name"),
    ],
)
def test_what_the_evidence_does_not_name_is_a_difference(
    claim: str, evidence: str, kind: str
) -> None:
    """Another drug, disease, group or name is found by its kind."""
    assert kind in kinds(claim, evidence)


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("Acetaminophen helps.", "Paracetamol helps."),
        ("Breathlessness is common.", "Dyspnoea is common."),
        ("Anemia is common.", "Anaemia is common."),
        ("VTE recurs.", "Venous thromboembolism recurs."),
        ("It helps elderly people.", "It helps older adults."),
        ("It affects men and women alike.", "It affects both sexes alike."),
        ("PD-L1 inhibitors do it.", "Inhibitors of PD-1 or PD-L1 do it."),
        ("Chronic kidney disease is a sign.", "Chronic kidney or liver disease is a sign."),
    ],
)
def test_the_same_thing_by_another_name_is_none(claim: str, evidence: str) -> None:
    """Spellings, synonyms and abbreviations name the same things."""
    assert kinds(claim, evidence) == []


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("Absorption was higher.", "In women, absorption was higher."),
        ("Apixaban may be reduced.", "Apixaban may be reduced in patients without cancer."),
        ("Zinc helps against colds.", "Zinc helps against colds, except in pregnancy."),
    ],
)
def test_whom_the_evidence_is_bounded_to_may_not_be_dropped(claim: str, evidence: str) -> None:
    """What holds for some is not said of everybody."""
    assert set(kinds(claim, evidence)) == {"population"}


def test_both_sexes_bound_nothing() -> None:
    """Where men and women are both named, nobody is left out."""
    assert kinds("It is common.", "It is common in men and in women.") == []


def test_what_stands_around_the_evidence_names_it() -> None:
    """The title and the lead-in of a sentence say what it is about."""
    assert kinds("Gout is painful.", "It is painful.") == ["disease"]
    assert kinds("Gout is painful.", "It is painful.", "On gout") == []


def test_doses_may_not_change_places() -> None:
    """Each dose belongs to its drug."""
    evidence = "Take apixaban 2.5 mg or rivaroxaban 10 mg."
    (found,) = NONE_KNOWN.differences("Take apixaban 10 mg or rivaroxaban 10 mg.", evidence)
    assert found.reason == "“10 mg” is the dose of rivaroxaban in the cited sentence"


def test_abbreviations_are_learnt_from_documents() -> None:
    """What a text defines stands for its long form in claims and evidence."""
    documents = [document_of("a", "A zebra lung disease (ZLD) is rare.")]
    entities = Entities.of(documents)
    assert entities.expanded("ZLD scars.") == "zebra lung disease scars."
    assert entities.differences("ZLD scars.", "Zebra lung disease scars.") == ()


def test_a_library_can_be_read(tmp_path: Path) -> None:
    """A library gives its documents' abbreviations and its glossaries'."""
    assert Entities.of(clinic(tmp_path / "library")).long_forms == {}


def test_what_is_bounded_to_itself_is_no_difference() -> None:
    """A verbatim sentence names what it names."""
    text = "In women with gout, colchicine 0.5 mg helps, except in CKD (PD-1)."
    assert kinds(text, text) == []
