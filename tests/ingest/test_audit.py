"""What structure alone tells of an article's citations."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpus.findings import RULES, SEVERITIES, Finding
from corpus.library import Library
from corpus.records import Article, Callout, Document, Notice, Reference, ReviewStatus
from ingest.article_parts import citation_findings
from ingest.audit import AuditOptions, structural_findings
from ingest.audit_claims import claim_kind
from ingest.audit_identifiers import malformed
from ingest.audit_references import likeness, title_words
from ingest.drafts import Draft
from ingest.reading import ingest
from tests.fakes import document_of

TODAY = dt.date(2026, 1, 15)
OPTIONS = AuditOptions(today=TODAY)


def cited(text: str, *numbers: int, kind: str = "paragraph", **more: Any) -> Draft:
    """Return a block that cites before its last character."""
    callouts = (Callout(at=len(text) - 1, numbers=numbers),) if numbers else ()
    return Draft(kind=kind, text=text, callouts=callouts, **more)  # type: ignore[arg-type]


def ref(number: int | None, **fields: Any) -> Reference:
    """Return an entry in which the audit finds nothing."""
    known: dict[str, Any] = {"title": f"Work {number} on the lung", "pmid": f"10{number}"}
    known |= {"year": 2024, "document_id": f"pmid:10{number}"}
    return Reference(number=number, **(known | fields))


def article_with(
    drafts: Sequence[Draft | str], references: Sequence[Reference], **fields: Any
) -> Article:
    """Return an approved article of 2025."""
    given: dict[str, Any] = {"review_status": ReviewStatus.APPROVED, "disclaimer": "Take care."}
    given |= {"updated": dt.date(2025, 6, 1)}
    document = document_of("lungs", *drafts, kind="article")
    return Article(
        slug="lungs", document=document, references=tuple(references), **(given | fields)
    )


def found_in(
    folder: Path,
    article: Article,
    documents: Sequence[Document] = (),
    options: AuditOptions = OPTIONS,
) -> tuple[Finding, ...]:
    """Return the findings of an article whose references all have a stored text."""
    library = Library.create(folder / "library")
    held = {d.document_id for d in documents}
    missing = {r.document_id for r in article.references} - held - {None}
    stored = [
        document_of(str(i), "Lungs heal.", kind="abstract") for i in sorted(map(str, missing))
    ]
    library.put(articles=[article], documents=(*documents, *stored))
    return structural_findings(article, library, options)


def rules_of(found: Sequence[Finding]) -> list[str]:
    """Return the rules of findings, in their order."""
    return [finding.rule for finding in found]


def test_a_sound_article_has_no_findings(tmp_path: Path) -> None:
    """Every number is listed, every entry cited, identified and stored."""
    article = article_with([cited("Lungs heal.", 1), cited("Slowly.", 2)], [ref(1), ref(2)])
    assert found_in(tmp_path, article) == ()


def test_a_number_without_entry_names_each_sentence(tmp_path: Path) -> None:
    """The finding holds the exact span of every sentence that cites the number."""
    article = article_with([cited("Lungs heal.", 1, 7), cited("Air moves.", 7)], [ref(1)])
    found = found_in(tmp_path, article)
    assert rules_of(found) == ["cited-not-listed"] * 2
    for finding, text in zip(found, ("Lungs heal.", "Air moves."), strict=True):
        assert finding.where is not None
        assert article.document.text[finding.where.start : finding.where.end] == text
        assert finding.numbers == (7,)
        assert finding.severity == "must-mend"


def test_an_unnumbered_list_ties_nothing(tmp_path: Path) -> None:
    """The list as a whole is told once; of the numbers only those beyond its length."""
    bare = [ref(None, pmid="5", document_id=None), ref(None, title="Other things", pmid="6")]
    article = article_with([cited("Lungs heal.", 1, 3)], [replace(r) for r in bare])
    found = [f for f in found_in(tmp_path, article) if f.severity == "must-mend"]
    assert rules_of(found) == ["cited-not-listed", "unnumbered-list"]
    assert found[0].numbers == (3,)


def test_numbers_repeated_left_out_and_never_cited(tmp_path: Path) -> None:
    """What the list prints twice, skips, and holds for nothing."""
    references = [ref(1), ref(1, pmid="11", title="Another work altogether"), ref(4)]
    found = found_in(tmp_path, article_with([cited("Lungs heal.", 1)], references))
    assert sorted(rules_of(found)) == ["never-cited", "numbering-gap", "repeated-number"]
    gap = next(f for f in found if f.rule == "numbering-gap")
    assert gap.numbers == (2, 3)


def test_nothing_cited_is_one_finding(tmp_path: Path) -> None:
    """Not one for each reference."""
    assert rules_of(found_in(tmp_path, article_with(["Lungs heal."], [ref(1), ref(2)]))) == [
        "none-cited"
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"pmid": "77"}, {"pmid": "77"}),
        ({"doi": "10.1000/a"}, {"doi": "10.1000/A"}),
        ({"title": "On the  Lung."}, {"title": "on the lung"}),
    ],
)
def test_a_work_listed_twice_is_told(
    tmp_path: Path, one: dict[str, str], other: dict[str, str]
) -> None:
    """By PMID, by DOI in any case, or by title and year."""
    article = article_with([cited("Lungs heal.", 1, 2)], [ref(1, **one), ref(2, **other)])
    (finding,) = found_in(tmp_path, article)
    assert (finding.rule, finding.entries) == ("duplicate", (0, 1))


def test_the_same_title_in_another_year_is_another_work(tmp_path: Path) -> None:
    """A yearly report is no duplicate."""
    same = [ref(1, title="Report on the lung", year=2023), ref(2, title="Report on the lung")]
    assert found_in(tmp_path, article_with([cited("Lungs heal.", 1, 2)], same)) == ()


@pytest.mark.parametrize(
    ("fields", "is_sound"),
    [
        ({"pmid": "23216615"}, True),
        ({"pmid": "PMID23"}, False),
        ({"pmid": "0123"}, False),
        ({"pmid": "123456789"}, False),
        ({"pmcid": "PMC3352497"}, True),
        ({"pmcid": "3352497"}, False),
        ({"doi": "10.1016/S0140-6736(05)17709-5"}, True),
        ({"doi": "10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2"}, True),
        ({"doi": "https://doi.org/10.1000/182"}, False),
        ({"doi": "10.1000/182/full"}, False),
        ({"doi": "10.1000/182?journal=x"}, False),
        ({"doi": "10.1000/182."}, False),
        ({"doi": "11.1000/182"}, False),
        ({"doi": "10.1000"}, False),
    ],
)
def test_identifiers_are_told_from_what_is_none(fields: dict[str, str], is_sound: bool) -> None:  # noqa: FBT001
    """DOIs with brackets are DOIs; pieces of addresses are not."""
    assert (list(malformed(Reference(title="x", **fields))) == []) is is_sound  # type: ignore[arg-type]


def test_an_entry_is_held_against_its_stored_record(tmp_path: Path) -> None:
    """Another identifier must be mended; another year or title should be looked at."""
    record = ref(None, pmid="101", doi="10.1000/b", year=2019, title="Livers and kidneys")
    stored = document_of("pmid:101", "Lungs heal.", kind="abstract", reference=record)
    article = article_with([cited("Lungs heal.", 1)], [ref(1, pmid="101", doi="10.1000/a")])
    article = replace(article, references=(replace(article.references[0], document_id="pmid:101"),))
    found = found_in(tmp_path, article, [stored])
    assert set(rules_of(found)) == {"mismatched-id"}
    assert "10.1000/b" in found[0].message
    alike = replace(record, doi="10.1000/a", year=2023, title=article.references[0].title)
    stored = document_of("pmid:101", "Lungs heal.", kind="abstract", reference=alike)
    assert found_in(tmp_path / "alike", article, [stored]) == ()


@pytest.mark.parametrize(
    ("kind", "rule", "severity"),
    [
        ("retraction", "retracted", "must-mend"),
        ("concern", "concern", "look-at"),
        ("correction", "corrected", "look-at"),
        ("update", "superseded", "look-at"),
    ],
)
def test_notices_are_told_apart(tmp_path: Path, kind: Any, rule: str, severity: str) -> None:
    """A correction is no retraction; the source and the date stand in the message."""
    notice = Notice(kind=kind, source="PubMed", date=dt.date(2025, 2, 3), text="Lung. 2025;1:2")
    article = article_with([cited("Lungs heal.", 1)], [ref(1, notices=(notice,))])
    (finding,) = found_in(tmp_path, article)
    assert (finding.rule, finding.severity) == (rule, severity)
    assert "PubMed 2025-02-03" in finding.message


def test_a_retraction_known_by_its_type_or_by_a_list_is_told(tmp_path: Path) -> None:
    """The publication type is enough, and so is a list of notices that is given."""

    class Listed:
        dated = TODAY

        def notices_for(self, _reference: Reference) -> Sequence[Notice]:
            return (Notice(kind="retraction", source="A list"),)

    typed = ref(1, publication_types=("Retracted Publication",))
    article = article_with([cited("Lungs heal.", 1)], [typed])
    assert rules_of(found_in(tmp_path / "a", article)) == ["retracted"]
    article = article_with([cited("Lungs heal.", 1)], [ref(1)])
    options = replace(OPTIONS, notices=Listed())
    assert rules_of(found_in(tmp_path / "b", article, (), options)) == ["retracted"]


def test_guidelines_grow_old_by_the_articles_date(tmp_path: Path) -> None:
    """The message says against which date; without one it is today's."""
    old = ref(1, kind="guideline", year=2019, title="Guideline on the lung 2019")
    article = article_with([cited("Lungs heal.", 1)], [old])
    (finding,) = found_in(tmp_path / "a", article)
    assert finding.rule == "old-guideline"
    assert "6 years before the article's date, 2025-06-01" in finding.message
    undated = found_in(tmp_path / "b", replace(article, updated=None))
    assert "7 years before today, 2026-01-15" in undated[0].message
    patient = replace(OPTIONS, guideline_years=6)
    assert found_in(tmp_path / "c", article, (), patient) == ()


def test_a_newer_guideline_in_the_library_supersedes(tmp_path: Path) -> None:
    """The same title but for the year, and a later date."""
    newer = ref(None, kind="guideline", year=2024, title="Guideline on the lung: 2024 update")
    stored = document_of("pmid:9", "Lungs heal.", kind="abstract", reference=newer)
    old = ref(1, kind="guideline", year=2023, title="Guideline on the lung")
    article = article_with([cited("Lungs heal.", 1)], [old])
    (finding,) = found_in(tmp_path, article, [stored])
    assert finding.rule == "superseded"
    assert "2024" in finding.message


def test_what_stands_around_the_text(tmp_path: Path) -> None:
    """Review, disclaimer, date, and what ingest saw; nothing of that is told twice."""
    article = article_with(
        [cited("Lungs heal.", 1, 2)],
        [ref(1, year=2026)],
        review_status=ReviewStatus.SUBMITTED,
        disclaimer=" ",
    )
    seen = citation_findings(article.document, article.references)
    article = replace(article, findings=(*seen, "The page prints no date."))
    found = found_in(tmp_path, article)
    rules = "cited-not-listed review-pending no-disclaimer older-than-reference told-by-ingest"
    assert rules_of(found) == rules.split()
    assert [f.message for f in found if f.rule == "told-by-ingest"] == ["The page prints no date."]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Prednisone is started at 0.5-1 mg/kg.", "a dose"),
        ("Give 500 mg twice daily for a week.", "a dose"),
        ("Fever occurs in 60% of them.", "a percentage"),
        ("Steroids are the first-line treatment here.", "a strong claim"),
        ("Patients should stop smoking at once.", "a strong claim"),
        ("The mean was 3.1 (95% CI 2 to 4).", None),
        ("We gave 500 mg twice daily.", None),
        ("In this study 60% had fever.", None),
        ("Should steroids always be given?", None),
        ("Nevertheless the lung heals slowly.", None),
        ("Fever was seen in 60% (Table 2).", None),
        ("Lungs heal by themselves.", None),
    ],
)
def test_claims_are_told_from_other_sentences(text: str, kind: str | None) -> None:
    """Doses, percentages and strong words; not what authors did, ask or tabulate."""
    found = claim_kind(text)
    assert (found is None) if kind is None else (found or "").startswith(kind)


def test_a_claim_without_citation_is_told_by_its_place(tmp_path: Path) -> None:
    """Alone it is to look at; beside a citing sentence a note; in methods nothing."""
    both = "Fever occurs in 60% of them. Lungs heal."
    drafts: list[Draft | str] = [cited(both, 1), "Half of them, 50%, have a cough."]
    found = found_in(tmp_path / "a", article_with(drafts, [ref(1)]))
    assert [(f.rule, f.severity) for f in found] == [
        ("no-citation", "look-at"),
        ("no-citation", "note"),
    ]
    report: list[Draft | str] = [
        Draft(kind="heading", text="Methods", level=1),
        "Half of the sample, 50%, were drawn by lot.",
        Draft(kind="heading", text="Results", level=1),
        cited("Lungs heal.", 1),
        "Fever occurred in 60% of the patients.",
    ]
    assert found_in(tmp_path / "b", article_with(report, [ref(1)])) == ()


def test_titles_are_compared_by_their_words() -> None:
    """Case, accents, brackets and stops do not matter."""
    assert title_words("[Étude: the Lung].") == title_words("etude the lung")
    assert likeness((), ()) == 1.0


def test_findings_come_worst_first_and_every_rule_says_what_to_do() -> None:
    """The order of severities is the order of the list; no rule is without its words."""
    assert SEVERITIES == ("must-mend", "look-at", "note")
    assert all(rule.title and rule.todo.endswith(".") for rule in RULES.values())


@pytest.mark.shared
def test_the_real_page_cites_six_and_lists_five(shared: Path, tmp_path: Path) -> None:
    """The one sentence that cites 6 is named, with its place."""
    library = Library.create(tmp_path / "library")
    ingest([shared / "samples" / "article" / "cop_page.txt"], library)
    (article,) = library.articles()
    found = structural_findings(article, library, OPTIONS)
    (missing,) = (f for f in found if f.rule == "cited-not-listed")
    assert missing.where is not None
    assert missing.numbers == (6,)
    assert "reversed halo" in missing.where.text
    assert "unnumbered-list" in rules_of(found)
