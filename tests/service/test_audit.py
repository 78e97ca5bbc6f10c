"""The audit as a whole: judged sentences, the report, and its three forms."""

import datetime as dt
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from corpus.findings import RULES
from corpus.library import Library
from corpus.records import Article, Callout, Reference, ReviewStatus, units_of
from index.lexical import terms
from index.reading.checker import Checked
from index.reading.tokens import Line
from ingest.drafts import Draft
from service.audit import AuditReport, audit_of
from service.audit_claims import missing_words, readings, speaks_of_authors
from service.audit_judging import SupportOptions, Told
from service.audit_record import audit_record
from service.audit_settings import read_fails_on
from service.audit_support import CitationCheck, CitationChecker, nearest_passages, score_of
from service.audit_terminal import rendered
from service.cli import cli
from service.pages_audit import audit_page, pieces
from service.verdicts import Verdict
from tests.fakes import document_of, heading, item, paragraph
from tests.service.conftest import HOSTILE

ABSTRACT = (
    "Colchicine calmed gout within two days in most patients. "
    "Diarrhoea was seen in 12% of the patients on 2 mg. Allopurinol did not shorten the attack."
)
OPTIONS = SupportOptions()


class Stern:
    """A checker by words: a unit bears on a claim if it holds half of the claim's terms.

    Evidence that holds all of them supports it; where the two differ in "12%" or "not" it is sure
    that the claim is denied.
    """

    name = "stern"
    digest = "1" * 64

    def check(self, pairs: Sequence[tuple[str, Sequence[Line]]]) -> list[Checked]:
        """Return what each claim's evidence says of it, in the order given."""
        return [
            self._one(claim, [line.text for line in rows if line.judged]) for claim, rows in pairs
        ]

    def _one(self, claim: str, units: list[str]) -> Checked:
        evidence = " ".join(units)
        differs = any((mark in claim) != (mark in evidence) for mark in ("12%", "not"))
        bears = tuple(self._share(claim, unit) for unit in units)
        if differs and max(bears, default=0.0) >= 0.5:
            return Checked(supports=0.02, denies=self._sure(), bears=bears)
        supports = 0.96 if self._share(claim, evidence) == 1 else 0.3
        return Checked(supports=supports, denies=0.0, bears=bears)

    def _share(self, claim: str, text: str) -> float:
        wanted = frozenset(terms(claim))
        return len(wanted & frozenset(terms(text))) / max(1, len(wanted))

    def _sure(self) -> float:
        return 0.96


def citing(text: str, *numbers: int, kind: str = "paragraph", depth: int = 0) -> Draft:
    """Return a block that cites before its last character."""
    callouts = (Callout(at=len(text) - 1, numbers=numbers),)
    return Draft(kind=kind, text=text, depth=depth, callouts=callouts)  # type: ignore[arg-type]


def library_of(
    folder: Path, *drafts: Draft | str, second: str = "Zinc shortens a cold."
) -> Library:
    """Return a library with one article that cites the abstract as 1 and `second` as 2."""
    library = Library.create(folder / "library")
    document = document_of("gout", *drafts, kind="article")
    references = (
        Reference(number=1, title="Colchicine in gout", pmid="1", year=2024, document_id="pmid:1"),
        Reference(number=2, title="Zinc in colds", pmid="2", year=2024, document_id="pmid:2"),
        Reference(number=3, title="Never fetched", pmid="3", year=2024),
    )
    article = Article(
        slug="gout",
        document=document,
        references=references,
        review_status=ReviewStatus.APPROVED,
        disclaimer="Take care.",
        updated=dt.date(2025, 1, 1),
    )
    stored = [
        document_of("pmid:1", ABSTRACT, kind="abstract"),
        document_of("pmid:2", second, kind="abstract"),
    ]
    library.put(articles=[article], documents=stored)
    return library


def checked(library: Library, *, model: Stern | None = None) -> tuple[CitationCheck, ...]:
    """Return the judged sentences of the library's one article."""
    (article,) = library.articles()
    return CitationChecker(library, model or Stern(), OPTIONS).check(article)


def test_a_supported_sentence_has_the_exact_span(tmp_path: Path) -> None:
    """Of two references the one that carries the sentence is told from the other."""
    library = library_of(
        tmp_path, citing("Colchicine calmed gout within two days in most patients.", 1, 2)
    )
    (check,) = checked(library)
    assert check.verdict is Verdict.SUPPORTED
    first, second = check.against
    assert (first.verdict, second.verdict) == ("supported", "not_found")
    ((start, end),) = first.spans
    assert ABSTRACT[start:end] == "Colchicine calmed gout within two days in most patients."


def test_a_turned_number_is_contradicted(tmp_path: Path) -> None:
    """The abstract's sentence is given, and which figure it does not hold."""
    library = library_of(tmp_path, citing("Diarrhoea was seen in 30% of the patients on 2 mg.", 1))
    (check,) = checked(library)
    assert check.verdict is Verdict.CONTRADICTED
    ((start, end), *_) = check.against[0].spans
    assert "12%" in ABSTRACT[start:end]
    assert check.against[0].reasons[0] == "30 % is not there"


@pytest.mark.parametrize(
    ("sure", "verdict", "doubtful"),
    [
        (0.8, Verdict.CONTRADICTED, False),
        (0.79, Verdict.PARTLY, True),
        (0.5, Verdict.PARTLY, True),
        (0.49, Verdict.PARTLY, False),
    ],
)
def test_only_a_sure_checker_contradicts(
    tmp_path: Path, sure: float, verdict: Verdict, *, doubtful: bool
) -> None:
    """One that is likelier right than wrong makes a sentence doubtful."""

    class Unsure(Stern):
        def _sure(self) -> float:
            return sure

    library = library_of(tmp_path, citing("Diarrhoea was seen in 30% of the patients on 2 mg.", 1))
    (check,) = checked(library, model=Unsure())
    assert (check.verdict, check.doubtful) == (verdict, doubtful)


def test_a_figure_of_its_own_is_never_supported(tmp_path: Path) -> None:
    """Whatever the checker says; what it holds to bear on the sentence is shown."""

    class Agreeable(Stern):
        def _one(self, claim: str, units: list[str]) -> Checked:
            del claim
            return Checked(supports=1.0, denies=0.0, bears=(1.0,) * len(units))

    said = ("Colchicine calmed gout within 3 days.", "Methotrexate calmed gout.", "It calmed gout.")
    checks = checked(library_of(tmp_path, *(citing(text, 1) for text in said)), model=Agreeable())
    assert [check.verdict for check in checks] == [
        Verdict.PARTLY,
        Verdict.PARTLY,
        Verdict.SUPPORTED,
    ]
    assert [check.against[0].reasons[:1] for check in checks] == [
        ("3 day is not there",),
        ("Methotrexate is not there",),
        (),
    ]
    assert len(checks[0].against[0].spans) == 3


def test_two_texts_may_support_a_sentence_together(tmp_path: Path) -> None:
    """Each alone says a part of it; both are read again as one."""
    library = library_of(tmp_path, citing("Colchicine calmed gout and zinc shortens a cold.", 1, 2))
    (check,) = checked(library)
    assert [one.verdict for one in check.against] == ["partly", "partly"]
    assert (check.verdict, check.support, check.overlap) == (Verdict.SUPPORTED, 0.96, 1.0)
    apart = library_of(
        tmp_path / "2", citing("Colchicine calmed gout and zinc shortens a cold.", 1)
    )
    assert [one.verdict for one in checked(apart)] == [Verdict.PARTLY]


def test_an_item_alone_may_be_supported(tmp_path: Path) -> None:
    """What its lead-in adds is not in the abstract; a claim is shown as it was read first."""
    lead_in = paragraph("Our clinic in the mountains tells every visitor at the entrance:")
    said = "colchicine calmed gout within two days in most patients."
    library = library_of(tmp_path, lead_in, citing(said, 1, kind="item", depth=1))
    (check,) = checked(library)
    assert check.claim.startswith("Our clinic")
    assert check.verdict is Verdict.SUPPORTED


def test_a_score_is_above_one_half_only_for_support() -> None:
    """By its probability there, else by the words that it shares."""
    for verdict, score in (
        (Verdict.SUPPORTED, 0.9),
        (Verdict.PARTLY, 0.2),
        (Verdict.CONTRADICTED, 0.2),
        (Verdict.NOT_FOUND, 0.2),
    ):
        told = Told(verdict=verdict, support=0.8, overlap=0.4, spans=(), reasons=())
        assert score_of(told) == pytest.approx(score)


def test_what_the_abstract_does_not_hold_is_not_found(tmp_path: Path) -> None:
    """And what shares many of its words is partly there, with what is missing."""
    library = library_of(
        tmp_path,
        citing("Radiotherapy harms the thyroid gland of children.", 1),
        citing("Colchicine calmed gout within two days, but not in kidney failure.", 1),
    )
    away, near = checked(library)
    assert away.verdict is Verdict.NOT_FOUND
    assert near.verdict is not Verdict.SUPPORTED
    assert "kidney" in " ".join(near.against[0].reasons)


def test_an_item_is_read_with_its_lead_in() -> None:
    """A bare name is no claim; one that its lead-in forbids is not read alone."""
    document = document_of(
        "x",
        paragraph("Attacks are calmed by:"),
        item("colchicine"),
        item("rest in a cool and dark room"),
        paragraph("Never give in an attack:"),
        item("allopurinol in a full dose"),
        heading("Remedies"),
        item("zinc"),
        item("zinc shortens a cold by days"),
    )
    found = [readings(document, u) for u in units_of(document) if document.blocks[u.block].depth]
    assert found == [
        ("Attacks are calmed by: colchicine",),
        ("Attacks are calmed by: rest in a cool and dark room", "rest in a cool and dark room"),
        ("Never give in an attack: allopurinol in a full dose",),
        ("Remedies zinc",),
        ("zinc shortens a cold by days",),
    ]


def test_a_long_text_is_read_in_its_nearest_passages() -> None:
    """At most so many, in the order of the text, and those that share words."""
    filler = [f"Paragraph {n} tells of weather and of nothing else at all. " * 6 for n in range(60)]
    long = document_of("pmc", *filler[:30], "Colchicine calms gout. " * 8, *filler[30:])
    read = nearest_passages("Colchicine calms gout.", long, 3)
    assert len(read) == 3
    starts = [passage.start for _, passage in read]
    assert starts == sorted(starts)
    assert all(document is long for document, _ in read)
    assert any("Colchicine" in passage.text for _, passage in read)
    short = document_of("short", ABSTRACT)
    ((_, whole),) = nearest_passages("x", short, 3)
    assert (whole.start, whole.end) == (0, len(short.text))


def test_progress_counts_every_sentence_once(tmp_path: Path) -> None:
    """The bar ends where it was said to end; sentences without a stored text are not counted."""
    library = library_of(tmp_path, citing("Gout hurts.", 3), citing("Gout hurts at night.", 1, 3))
    (article,) = library.articles()
    checker = CitationChecker(library, Stern(), OPTIONS)
    told: list[int] = []
    (check,) = checker.check(article, progress=told.append)
    assert sum(told) == 1 == len(list(checker.citing(article)))
    assert (check.numbers, check.unread) == ((1, 3), (3,))


def test_authors_and_missing_words_are_told() -> None:
    """What we did cites a method; words are given as printed."""
    assert speaks_of_authors("We used a scale.")
    assert not speaks_of_authors("Weakness is common.")
    assert missing_words("Gout hurts badly.", "Gout hurts.") == ("badly",)


# The report


def report_of(library: Library, fails_on: Sequence[str] = ("must-mend",)) -> AuditReport:
    """Return a report of judged sentences alone."""
    (article,) = library.articles()
    return AuditReport(
        audits=(audit_of(article, (), checked(library)),),
        fails_on=tuple(fails_on),
        provenance={
            "judged_by": "stern",
            "retraction_watch": "none given",
            "thresholds": {"supported": 0.5},
        },
    )


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return an article with a supported, a contradicted and an unfound sentence."""
    return library_of(
        tmp_path,
        heading("Treatment"),
        citing("Radiotherapy harms the thyroid gland of children.", 1),
        citing("We harvested thyroid glands by Smith's method.", 2),
        citing("Colchicine calmed gout within two days in most patients.", 1),
        citing("Diarrhoea was seen in 30% of the patients on 2 mg.", 1),
    )


def test_the_worst_comes_first_and_the_settings_decide(library: Library) -> None:
    """A contradiction fails by default; what fails is a list of severities and rules."""
    report = report_of(library)
    assert [(f.rule, f.severity) for f in report.findings] == [
        ("contradicted", "must-mend"),
        ("not-found", "look-at"),
        ("not-found", "note"),
    ]
    assert report.failed
    assert not report_of(library, ()).failed
    assert report_of(library, ["not-found"]).failed
    assert not report_of(library, ["retracted"]).failed


def test_the_record_holds_exact_quotes(library: Library) -> None:
    """Every span is a slice of the stored text; the shape is version 1 and is JSON."""
    record = json.loads(json.dumps(audit_record(report_of(library), library)))
    assert (record["format"], record["version"], record["failed"]) == ("sequitur-audit", 1, True)
    (article,) = record["articles"]
    assert [s["verdict"] for s in article["sentences"]] == [
        "not_found",
        "not_found",
        "supported",
        "contradicted",
    ]
    quoted = 0
    for one in (*article["findings"], *article["sentences"]):
        where = one["where"]
        text = library.document("gout").text
        assert text[where["start"] : where["end"]] == where["text"]
        for against in one["against"]:
            document = library.document(against["document_id"])
            assert document.sha256 == against["sha256"]
            for span in against["spans"]:
                assert document.text[span["start"] : span["end"]] == span["quote"]
                quoted += 1
    assert quoted


def test_the_terminal_shows_both_texts_and_cannot_be_steered(tmp_path: Path) -> None:
    """A line per rule, then the findings; control characters of a text are replaced."""
    library = library_of(
        tmp_path, citing("Diarrhoea was seen in 30% of the \x1b[31mpatients on 2 mg.", 1)
    )
    shown = rendered(report_of(library), library)
    assert "\x1b" not in shown
    assert re.search(r"^must-mend +contradicted +1  ", shown, re.MULTILINE)
    assert "12%" in shown
    assert "30%" in shown
    assert "characters 0-" in shown


class Outline(HTMLParser):
    """Keeps the tags of a page, with their attributes, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self.words += data


def outline_of(library: Library, report: AuditReport | None = None) -> Outline:
    """Return the tags of the audit's page."""
    seen = Outline()
    seen.feed(audit_page(report or report_of(library), library))
    return seen


def test_the_page_stands_alone(library: Library) -> None:
    """No script, no file, no address to load from; every link inside it leads somewhere."""
    seen = outline_of(library)
    names = [tag for tag, _ in seen.tags]
    assert not {"script", "iframe", "img", "object", "form"} & set(names)
    assert names.count("h1") == names.count("main") == 1
    ids = [of["id"] for _, of in seen.tags if "id" in of]
    assert len(ids) == len(set(ids))
    for tag, of in seen.tags:
        target = of.get("href") or ""
        assert tag != "link" or target == "data:,"
        assert "src" not in of
        if target.startswith("#"):
            assert target[1:] in ids
        assert not any(name.startswith("on") for name in of)


def test_every_severity_that_is_linked_is_there(library: Library) -> None:
    """A tile of the head leads to its findings also where there are none."""
    seen = outline_of(library, report_of(library_of(library.folder / "other", "Nothing cited.")))
    ids = {of.get("id") for _, of in seen.tags}
    assert {"must-mend", "look-at", "note", "supported"} <= ids


def test_the_page_marks_sentence_and_span(library: Library) -> None:
    """The sentence stands marked in its paragraph, the abstract's sentence in the abstract."""
    page = audit_page(report_of(library), library)
    assert "<mark>Diarrhoea was seen in 30% of the patients on 2 mg.</mark>" in page
    assert "<mark>Diarrhoea was seen in 12% of the patients on 2 mg.</mark>" in page
    assert page.count('type="checkbox"') == 3


def test_a_hostile_text_stays_text(tmp_path: Path) -> None:
    """Neither an article nor an abstract can put a tag into the page."""
    library = library_of(tmp_path, citing(f"Gout hurts {HOSTILE} a lot.", 1), second=HOSTILE)
    seen = outline_of(library)
    assert "script" not in [tag for tag, _ in seen.tags]
    assert "alert(1)" in seen.words


@given(
    st.text(min_size=1, max_size=40),
    st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45)), max_size=4),
)
def test_pieces_lose_nothing(text: str, marks: list[tuple[int, int]]) -> None:
    """Joined they are the text, and what lies in a mark is marked."""
    found = pieces(text, 0, len(text), marks)
    assert "".join(piece.text for piece in found) == text
    flags = [piece.marked for piece in found for _ in piece.text]
    assert flags == [any(s <= at < e for s, e in marks) for at in range(len(text))]


@pytest.mark.parametrize("text", ["", " , ", "all", "must-mend,nothing"])
def test_unknown_rules_are_refused(text: str) -> None:
    """The message names what is known."""
    with pytest.raises(ValueError, match="must-mend"):
        read_fails_on(text)
    assert set(read_fails_on(",".join(RULES))) == set(RULES)


# The command


@pytest.fixture(autouse=True)
def _stern(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command judge by words, without the checker's weights."""
    monkeypatch.setattr("index.reading.checker.BuiltInChecker", Stern)


def invoked(*arguments: str | Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(cli, ["audit", *map(str, arguments)], catch_exceptions=False)


def retracted(library: Library) -> None:
    """Let reference 1 be retracted."""
    (article,) = library.articles()
    first = replace(article.references[0], publication_types=("Retracted Publication",))
    library.put(articles=[replace(article, references=(first, *article.references[1:]))])


def test_the_command_prints_json_and_writes_a_page(library: Library, tmp_path: Path) -> None:
    """Exit 1 for what must be mended; the page is written all the same."""
    retracted(library)
    page = tmp_path / "audit.html"
    done = invoked("gout", "--library", library.folder, "--json", "--report", page)
    assert done.exit_code == 1
    record = json.loads(done.stdout)
    assert record["rules"]["retracted"] == 1
    assert record["rules"]["contradicted"] == 1
    judged_by = record["provenance"]["judged_by"], record["provenance"]["model_digest"]
    assert judged_by == ("stern", "1" * 64)
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_settings_decide_the_exit_code(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`never` lets the worst pass; the terminal says what it fails on."""
    retracted(library)
    assert invoked("--library", library.folder).exit_code == 1
    monkeypatch.setenv("SEQUITUR_AUDIT_FAILS_ON", "never")
    done = invoked("--library", library.folder)
    assert done.exit_code == 0
    assert "fails on: never" in done.stdout


def test_an_unknown_article_or_an_empty_library_is_refused(
    library: Library, tmp_path: Path
) -> None:
    """One line, exit 2."""
    done = invoked("nobody", "--library", library.folder)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "nobody" in done.stderr
    empty = Library.create(tmp_path / "empty")
    empty.put(documents=[document_of("alone", "Zinc.")])
    assert "no articles" in invoked("--library", empty.folder).stderr


def test_a_page_that_cannot_be_written_is_an_error(library: Library, tmp_path: Path) -> None:
    """The path is named, and no traceback is shown."""
    below = tmp_path / "file"
    below.write_text("x")
    done = invoked("--library", library.folder, "--report", below / "page.html")
    assert done.exit_code == 2
    assert str(below) in done.stderr
