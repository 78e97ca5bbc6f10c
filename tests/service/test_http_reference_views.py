"""The reference list: grouped and marked, the article's own numbers kept."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from corpus.library import Library
from corpus.records import Article, Notice, Reference
from service.assistant import Assistant
from service.http_reference_views import reference_groups, unlisted_numbers
from tests.service.browsing import Element, app_over, get
from tests.service.conftest import lungs, started

WITHDRAWN = ("Retracted Publication",)


def retracted() -> Article:
    """Return the article with a retracted paper, a repeated number and one without a number."""
    article, _ = lungs()
    more = (
        replace(article.references[2], publication_types=WITHDRAWN),
        Reference(title="A second second", number=2),
        Reference(title="", as_listed="An entry as printed."),
    )
    return replace(article, references=(*article.references[:2], *more))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Element]:
    """Return the page of that article."""
    folder = tmp_path_factory.mktemp("retracted") / "library"
    for client in started(app_over(folder, (retracted(),), lungs()[1])):
        yield get(client, "/articles/lungs")


def test_guidelines_come_first_and_numbers_stay(tmp_path: Path) -> None:
    """Within a group the order is that of the article's list."""
    article, _ = lungs()
    nothing_stored = Library.create(tmp_path / "empty")
    groups = reference_groups(article, nothing_stored)
    assert [(g.title, [r.number for r in g.references]) for g in groups] == [
        ("Guidelines", [2]),
        ("Research", [1, 3]),
    ]
    assert reference_groups(None, nothing_stored) == ()


def test_what_is_stored_is_said(assistant: Assistant) -> None:
    """Only an abstract that is one is called so; a summary bears its note."""
    article, _ = lungs()
    groups = reference_groups(article, assistant.library)
    views = {view.number: view for group in groups for view in group.references}
    assert [views[n].abstract_only for n in (1, 2, 3)] == [True, False, False]
    assert views[2].stored == "A summary, not the abstract."
    assert "No text of it is stored" in views[3].stored


def test_a_retraction_known_to_the_abstract_is_enough(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The article's own entry may not know that the paper was withdrawn."""
    article, (abstract, summary) = lungs()
    assert abstract.reference is not None
    known = replace(abstract.reference, publication_types=WITHDRAWN)
    folder = tmp_path_factory.mktemp("known") / "library"
    app = app_over(folder, (article,), (replace(abstract, reference=known), summary))
    for client in started(app):
        entry = get(client, "/articles/lungs").one("li", id="ref-1")
        assert entry.one("strong").text == "Retracted"
        own = get(client, "/articles/doi:10.1000%2Fmasson")
        assert own.one("p", class_="retracted").text.startswith("Retracted.")


def test_evidence_and_notices_stand_beside_a_reference(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The kind of evidence, a concern, a correction and their citations are told in words."""
    article, documents = lungs()
    marked = replace(
        article.references[0],
        publication_types=("Meta-Analysis",),
        notices=(
            Notice(kind="concern", source="PubMed", identifier="pmid:77", text="Concern: J Ex"),
            Notice(kind="correction", source="PubMed", text="Erratum in: <b>J Ex</b>"),
        ),
    )
    itself = replace(article.references[2], publication_types=("Published Erratum",))
    changed = replace(article, references=(marked, article.references[1], itself))
    folder = tmp_path_factory.mktemp("marked") / "library"
    for client in started(app_over(folder, (changed,), documents)):
        page = get(client, "/articles/lungs")
        entry = page.one("li", id="ref-1")
        badges = [badge.text for badge in entry.all(class_="badge")]
        assert badges == [
            *("Research", "Abstract only", "Meta-analysis", "Expression of concern", "Corrected"),
        ]
        link = entry.one("a", href="https://pubmed.ncbi.nlm.nih.gov/77/")
        assert link.text == "Concern: J Ex"
        assert "Erratum in: <b>J Ex</b>" in entry.text
        assert "Do not rely on it." not in entry.text
        notice = page.one("li", id="ref-3")
        assert "Correction notice" in [badge.text for badge in notice.all(class_="badge")]
        listed = client.get("/v1/articles/lungs").json()["reference_list"]
        assert listed[0]["evidence_label"] == "meta-analysis"
        assert [n["kind"] for n in listed[0]["notices"]] == ["concern", "correction"]
        assert (listed[2]["notice_of"], listed[2]["evidence_label"]) == ("correction notice", None)


def test_a_concern_stands_on_the_page_of_the_work_itself(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Whoever reads the stored abstract is told, with a day in the public record as a text."""
    article, (abstract, summary) = lungs()
    assert abstract.reference is not None
    notice = Notice(kind="concern", source="PubMed", date=dt.date(2010, 2, 6))
    known = replace(abstract.reference, notices=(notice,))
    folder = tmp_path_factory.mktemp("concern") / "library"
    app = app_over(folder, (article,), (replace(abstract, reference=known), summary))
    for client in started(app):
        own = get(client, "/articles/doi:10.1000%2Fmasson")
        cautions = [one.text for one in own.all("p", class_="caution")]
        assert any(text.startswith("Expression of concern.") for text in cautions)
        listed = client.get("/v1/articles/lungs").json()["reference_list"]
        assert listed[0]["notices"][0]["date"] == "2010-02-06"


def test_a_retracted_paper_cannot_be_overlooked(page: Element) -> None:
    """A mark and a sentence say so, in words; the others have neither."""
    entry = page.one("li", id="ref-3")
    assert entry.one(class_="badge-retracted").text == "Retracted"
    assert "Do not rely on it." in entry.text
    assert len(page.all(class_="badge-retracted")) == 1


def test_each_group_has_a_heading_and_its_number_of_entries(page: Element) -> None:
    """Entries stand in their group, under their own numbers."""
    guidelines, research = page.all("ol", class_="references")
    assert [b.text for b in guidelines.all(class_="bullet")] == ["2"]
    assert [b.text for b in research.all(class_="bullet")] == ["1", "3", "2", "–"]
    headings = [heading.text for heading in page.all("h3")]
    assert {"Guidelines (1)", "Research (4)"} <= set(headings)


def test_a_repeated_number_leads_to_the_first_entry(page: Element) -> None:
    """The second entry of that number has no address of its own, nor ways back."""
    second = next(li for li in page.all("li") if "A second second" in li.text)
    assert "id" not in second.attributes
    assert not second.all(class_="places")
    assert "An entry as printed." in page.text


def test_there_is_a_way_back_to_every_place(page: Element) -> None:
    """Each link of an entry leads to a number in the text, and that number leads to the entry."""
    for number in (1, 2):
        links = page.one("li", id=f"ref-{number}").one(class_="places").all("a")
        targets = [page.one(id=link.get("href").removeprefix("#")) for link in links]
        assert [target.get("href") for target in targets] == [f"#ref-{number}"] * len(links)
        assert [target.text for target in targets] == [str(number)] * len(links)
    assert len(page.one("li", id="ref-2").all("a", href="#cite-2-3")) == 1


def test_numbers_without_an_entry_are_named(page: Element) -> None:
    """They are marked in words where they stand, and listed with the way there."""
    mark = page.one("a", class_="unresolved")
    assert mark.text == "9? (not in the list of references)"
    assert page.one(id=mark.get("href").removeprefix("#")).text == "Numbers without a reference"
    assert page.one("a", href=f"#{mark.get('id')}").get("aria-label").endswith("number 9 is cited")


def test_a_text_without_a_list_has_all_numbers_unlisted(client: TestClient) -> None:
    """What no article resolves is data, in order, with every place."""
    document = lungs()[0].document
    found = unlisted_numbers(None, document)
    assert [(one.number, len(one.places)) for one in found] == [(1, 2), (2, 3), (9, 1)]
    assert not get(client, "/articles/bones").all(id="unlisted")
