"""Real JATS articles, compared with their XML and with the question set that quotes them."""

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from corpus.records import Article
from ingest.drafts import SourceFile
from ingest.jats import JatsParser
from tests.ingest.parser_contract import assert_document_consistent

pytestmark = pytest.mark.shared

# Left out on purpose: files beside the article, and what is printed as a block of its own.
NOT_TEXT = {"media", "graphic", "inline-graphic", "object-id", "permissions", "alt-text"}
OWN_BLOCK = {"p", "list", "table-wrap", "fig", "supplementary-material", "boxed-text", "disp-quote"}


def files(shared: Path) -> list[Path]:
    found = [
        *(shared / "eval" / "trials" / "articles").glob("*.nxml"),
        *(shared / "samples" / "jats").glob("*.nxml"),
    ]
    assert len(found) == 38
    return sorted(found)


@pytest.fixture(scope="module")
def articles(shared: Path) -> dict[Path, Article]:
    """Every article, parsed once."""
    return {path: parse(path) for path in files(shared)}


def parse(path: Path) -> Article:
    source = SourceFile(name=str(path), data=path.read_bytes())
    assert JatsParser().recognises(source)
    (article,) = JatsParser().parse(source).articles
    return article


def test_every_article_is_read_and_consistent(articles: dict[Path, Article]) -> None:
    """The slug is the stem, every span holds, and text and list agree about the citations."""
    for path, article in articles.items():
        assert article.slug == path.name.removesuffix(".nxml")
        assert article.title != article.slug
        assert_document_consistent(article.document)
        assert article.findings == ()
        assert article.document.reference is not None
        assert article.document.reference.year is not None


def test_the_words_of_every_paragraph_item_and_cell_are_stored(
    articles: dict[Path, Article],
) -> None:
    """Nothing in abstract, body and floats is lost, citation numbers aside."""
    checked = 0
    for path, article in articles.items():
        root = fromstring(path.read_bytes())
        stored = letters(article.document.text)
        for part in ("front//abstract", "body", "floats-group"):
            for container in root.findall(part):
                for element in text_elements(container):
                    for piece in pieces(element):
                        assert letters(piece) in stored, (path.name, element.tag, piece)
                        checked += 1
    assert checked > 10_000


def text_elements(element: Element) -> Iterator[Element]:
    for child in element:
        if child.tag in NOT_TEXT:
            continue
        if child.tag in ("p", "td", "th", "title"):
            yield child
        yield from text_elements(child)


def pieces(element: Element) -> Iterator[str]:
    """Give the stretches of an element's own text between citations and inner blocks."""
    piece = element.text or ""
    for child in element:
        if child.tag in OWN_BLOCK or child.tag in NOT_TEXT or is_cited(child):
            yield piece
            piece = ""
        else:
            first, *rest = pieces(child)
            piece += first
            for inner in rest:
                yield piece
                piece = inner
        piece += child.tail or ""
    yield piece


def is_cited(element: Element) -> bool:
    return element.tag == "xref" and element.get("ref-type") == "bibr"


def letters(text: str) -> str:
    """Return letters and digits only: white space, brackets and separators aside.

    "and" may go with the citation numbers that it joined.
    """
    plain = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\W_]", "", "" if plain.strip(" ,;") == "and" else plain)


def test_citations_and_references_are_those_of_the_xml(articles: dict[Path, Article]) -> None:
    """Every entry is listed in order, and every numeric citation of the body is a callout."""
    for path, article in articles.items():
        root = fromstring(path.read_bytes())
        assert len(article.references) == len(list(root.iter("ref")))
        for reference, ref in zip(article.references, root.iter("ref"), strict=True):
            pmid = ref.findtext(".//pub-id[@pub-id-type='pmid']")
            assert reference.pmid == pmid
            title = ref.find(".//article-title")
            if title is not None:
                assert letters(reference.title) == letters("".join(title.itertext()))
        cited = {n for c in article.document.callouts for n in c.numbers}
        for xref in root.findall("body//xref[@ref-type='bibr']"):
            printed = re.fullmatch(r"\W*(\d{1,3})\W*", "".join(xref.itertext()))
            assert printed is None or int(printed[1]) in cited


def test_no_brackets_are_left_empty(articles: dict[Path, Article]) -> None:
    """Where numbers were taken out, no separators or pairs of brackets remain."""
    for path, article in articles.items():
        xml = path.read_text(encoding="utf-8")
        for left in re.finditer(r"\[[\s,;–-]*\]|\([\s,;–-]+\)| [,;](?=\s)", article.document.text):
            assert left[0].strip() in xml, (path.name, left)


def test_the_quoted_evidence_is_found(shared: Path, articles: dict[Path, Article]) -> None:
    """At least 94 % of the evidence is found after folding white space, 99 % after dropping it.

    The second figure also drops bracketed numbers. What is missing runs over a row's end.
    """
    by_slug = {article.slug: article.document.text for article in articles.values()}
    folded, squeezed, total = 0, 0, 0
    for line in (shared / "eval" / "trials" / "questions.jsonl").read_text("utf-8").splitlines():
        for evidence in json.loads(line)["evidence"]:
            text, stored = evidence["text"], by_slug[evidence["doc"]]
            total += 1
            found = " ".join(text.split()) in " ".join(stored.split())
            folded += found
            squeezed += found or squeeze(text) in squeeze(stored)
    assert total == 154
    assert folded / total >= 0.94
    assert squeezed / total >= 0.99


def squeeze(text: str) -> str:
    numbers = r"[\[(]\s*\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\s*[\])]"
    return re.sub(r"\s", "", re.sub(numbers, "", unicodedata.normalize("NFKC", text)))
