"""BibTeX."""

import logging

import pytest
from hypothesis import given

from corpus.errors import FileInputError
from corpus.records import Reference
from ingest.bibtex import BibtexParser
from ingest.drafts import Parsed, Rejection, SourceFile
from ingest.latex import MAX_CHARS, plain_text
from tests.ingest.record_reader_contract import RecordContract
from tests.ingest.test_ris import TITLES, check_article_read_back, check_read_back

ONE = r"""% what stands here is no entry
@string{am = {American}}
@STRING{jex = am # " J Ex"}
@article{roe,
  author = {van Dam, Mary Ann and Roe, Jr, J. and {The Example Group, X and Y} and others},
  title = "Caf{\'e} {COVID}: <i>in vitro</i> {\&} 10$^{5}$ \% of $\beta$-cells",
  journal = jex, year = 2009, month = nov, volume = 3, number = {2}, pages = {101--109},
  doi = {10.1000/Ex\_1}, pmid = 11, pmcid = {PMC77}, document_type = {Review},
  abstract = {AIMS: One thing, na{\"\i}ve. RESULTS: 50% of all fell ($p<0.05$).}
}
"""


def source(text: str, name: str = "some.bib") -> SourceFile:
    return SourceFile(name=name, data=text.encode())


def parse(text: str) -> Parsed:
    return BibtexParser().parse(source(text))


def only(fields: str, kind: str = "article") -> Reference:
    """Return the reference of one entry without an abstract."""
    (found,) = parse(f"@{kind}{{k, title = {{On lungs}}, {fields}}}").references
    return found


class TestContract(RecordContract):
    parser = BibtexParser()
    reader = BibtexParser()
    good_sources = (source(ONE), source(ONE.split("\n", 1)[1], "refs.txt"))


def test_an_entry_becomes_an_abstract_with_its_identity() -> None:
    """LaTeX is Unicode, strings are joined, a percent sign is no comment, labels are headings."""
    (document,) = parse(ONE).documents
    assert document.document_id == "pmid:11"
    assert document.text == "AIMS\n\nOne thing, naïve.\n\nRESULTS\n\n50% of all fell (p<0.05)."
    found = document.reference
    assert found is not None
    assert found.title == "Café COVID: in vitro & 10⁵ % of β-cells"
    assert found.authors == ("van Dam MA", "Roe J Jr", "The Example Group, X and Y")
    assert (found.journal, found.year, found.volume) == ("American J Ex", 2009, "3")
    assert (found.issue, found.pages, found.doi) == ("2", "101-109", "10.1000/ex_1")
    assert (found.pmcid, found.publication_types) == ("PMC77", ("Review",))


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"{\O}rsted, \v{S}koda, Erd\H{o}s, stra{\ss}e", "Ørsted, Škoda, Erdős, straße"),
        (r"$\alpha$- and {$\mathrm{TNF}$}", "α- and TNF"),
        (r"we paid $50 to $60 of \$99", "we paid $50 to $60 of $99"),
        (r"one $ alone", "one $ alone"),
        (r"10\textsuperscript{5} and H\textsubscript{2}O", "10⁵ and H2O"),
        (r"50% and 60\% %of", "50% and 60% %of"),
        (r"{{Nested {BRACES}}} here", "Nested BRACES here"),
        (r"P {\textless} 0.05", "P < 0.05"),
        (r"``quoted'' -- so", "“quoted” – so"),
    ],
)
def test_latex_becomes_text_and_no_data_is_dropped(latex: str, text: str) -> None:
    """Accents, symbols and Greek are characters; money and percentages are what they were."""
    assert " ".join(plain_text(latex).split()) == text


@pytest.mark.parametrize(
    "hostile",
    ["{", "\\", "$", "}", "\\frac{", "\\v ", "^", "\\'", "$a", "_{", "\\textsuperscript{"],
)
def test_broken_latex_is_read_in_one_pass(hostile: str) -> None:
    """However deep or broken a value is, it is read as data and in no time."""
    assert isinstance(plain_text(hostile * (20_000 // len(hostile))), str)
    assert plain_text("{" * (MAX_CHARS + 1)) == "{" * (MAX_CHARS + 1)


def test_a_part_takes_from_its_whole_what_is_not_its_own() -> None:
    """`crossref` gives the book's title and year, never its DOI or its authors."""
    parsed = parse(
        "@incollection{a, title={Part}, crossref={B}, author={Roe, A}}\n"
        "@book{b, title={Whole}, year={1999}, doi={10.1000/b}, author={Doe, J}, crossref={a}}"
    )
    part, whole = parsed.references
    assert (part.journal, part.year, part.doi, part.authors) == ("Whole", 1999, None, ("Roe A",))
    assert (whole.title, whole.authors) == ("Whole", ("Doe J",))


@pytest.mark.parametrize(
    ("fields", "doi"),
    [
        ("doi = {https://doi.org/10.1000/X}", "10.1000/x"),
        ("doi = {10.1016/S0140-6736(05)17709-5}", "10.1016/s0140-6736(05)17709-5"),
        (
            "doi = {10.1002/1{\\textless}16::AID{\\textgreater}3.0.CO;2-2}",
            "10.1002/1<16::aid>3.0.co;2-2",
        ),
        ("doi = {10.1002/1&lt;16::AID&gt;3.0.CO;2-2}", "10.1002/1<16::aid>3.0.co;2-2"),
        ("url = {https://doi.org/10.1000/y}", "10.1000/y"),
        ("howpublished = {\\url{https://doi.org/10.1000/z}}", "10.1000/z"),
        ("doi = {none}", None),
    ],
)
def test_a_doi_is_read_however_it_is_written(fields: str, doi: str | None) -> None:
    """Signs of LaTeX and HTML are undone; brackets and angle brackets belong to it."""
    assert only(fields).doi == doi


def test_a_pmid_is_read_from_biblatex_and_notes() -> None:
    """`eprint` is one when its type says so."""
    assert only("eprint = {77}, eprinttype = {pubmed}").pmid == "77"
    assert only("eprint = {2001.00001}, eprinttype = {arxiv}").pmid is None
    assert only("note = {PMID: 77}").pmid == "77"


def test_broken_entries_are_reported_and_the_rest_is_read() -> None:
    """An entry that is not closed costs itself; a key that stands twice costs nothing."""
    parsed = parse(f"@article{{a, title = {{x\n{ONE}@article{{roe, title={{Again}}, pmid=12}}")
    assert [d.document_id for d in parsed.documents] == ["pmid:11"]
    assert [r.place for r in parsed.rejections] == ["line 1", "line 12"]
    assert parsed.rejections[1] == Rejection(place="line 12", reason="no abstract")


def test_strings_of_strings_stay_within_bounds() -> None:
    """Ten names of ten names each, again and again, would be a text of any length."""
    names = ['@string{s0 = "' + "x" * 100 + '"}']
    names += [f"@string{{s{n} = {' # '.join([f's{n - 1}'] * 10)}}}" for n in range(1, 12)]
    parsed = parse("\n".join([*names, "@article{a, title = s11, pmid = 5}"]))
    assert len(parsed.references[0].title) < 3_000_000


def test_what_the_library_logs_stays_unsaid(caplog: pytest.LogCaptureFixture) -> None:
    """A broken entry's text reaches no log."""
    with caplog.at_level(logging.DEBUG):
        parse(f"@article{{a, title = {{secret\n{ONE}")
    assert "secret" not in caplog.text


def test_a_file_without_an_entry_is_refused() -> None:
    """Comments and strings alone are nothing to cite."""
    with pytest.raises(FileInputError, match=r"^some\.bib: holds no BibTeX entry$"):
        parse('@string{a = "b"}\n@comment{x}')


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (ONE, "any.txt", True),
        ("Text first.\n@article{a, title={T}}", "any.txt", False),
        ("Text first.\n@article{a, title={T}}", "any.bib", True),
        ("# Title\n@someone said so", "any.bib", False),
    ],
)
def test_the_format_is_told_from_text(text: str, name: str, expected: bool) -> None:  # noqa: FBT001 - an expectation, not a flag
    """An entry inside an article makes no reference file of it."""
    assert BibtexParser().recognises(source(text, name)) is expected


@given(TITLES)
def test_our_own_export_is_read_back(title: str) -> None:
    """Every field that the export writes comes back, whatever the title holds."""
    check_read_back(BibtexParser(), "bibtex", title)


def test_an_article_of_ours_is_read_back() -> None:
    """It has a title, a year and an address."""
    check_article_read_back(BibtexParser(), "bibtex")
