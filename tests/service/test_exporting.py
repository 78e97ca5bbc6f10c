"""Answers as files: what is written can be read again, by two readers where there are two."""

import copy
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import jsonschema
import pytest
import rispy
from bibtexparser.entrypoint import parse_string as parse_bibtex
from bibtexparser.middlewares import LatexDecodingMiddleware
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pybtex.database import parse_string
from pylatexenc.latex2text import (
    LatexNodes2Text,
    MacroTextSpec,
    get_default_latex_context_db,
)

from corpus.errors import InputError
from service.assistant import Assistant, Question
from service.export_entries import one_line
from service.exporting import FORMATS, export
from service.wire import Record, answer_record

SITE = "https://example.org"
HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "[click](javascript:alert(3)) ![x](https://example.org/spy.png) <https://example.org/auto>",
    "# heading",
    "1. one",
    "12) twelve",
    "- item",
    "+ item",
    "=== ",
    "> quote",
    "    code",
    "```sh",
    "~~~",
    "***",
    "| a | b |",
    "*bold* __bold__ `code` ~~gone~~ \\*",
    "&lt;b&gt; &amp; &copy;",
    "see www.example.org and http://example.org or a@example.org",
    "Setext\n===",
    "two\n\n# lines",
    "[1]: https://example.org",
)
TITLES = st.one_of(
    st.text(min_size=1, max_size=60),
    st.lists(
        st.sampled_from(
            [
                *"{}\"'\\%&$#_~^<>|`@,;=-\n\t()é",
                *("--", "''", "``", "?`", "α-β", "CO₂", "O'Neil", " and ", "naïve ", "H2O"),
                *("title = {x}", "@article{", "\nER  - \n", "\nTY  - BOOK", "\\textless"),
                *("FEV₁ ≥ 80 %", "</script>", "\u2028", "\x00", "\ud800"),
            ]
        ),
        min_size=1,
        max_size=12,
    ).map("".join),
).filter(lambda text: one_line(text) != "")
# What CSL-JSON's published schema allows of the variables and types that are used here.
CSL = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id", "type"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "type": {"enum": ["article-journal", "report", "webpage", "document"]},
            "author": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        part: {"type": "string"}
                        for part in ("family", "given", "suffix", "literal")
                    },
                },
            },
            "issued": {
                "type": "object",
                "required": ["date-parts"],
                "additionalProperties": False,
                "properties": {
                    "date-parts": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 1,
                        "items": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 3,
                            "items": {"type": "integer"},
                        },
                    }
                },
            },
            **{
                name: {"type": "string"}
                for name in (
                    *("title", "container-title", "volume", "issue", "page", "DOI", "PMID"),
                    *("PMCID", "URL", "note", "status"),
                )
            },
        },
    },
}


def reference(**given: Any) -> dict[str, Any]:
    """Return a full entry of a record's list."""
    return {
        "marker": 1,
        "kind": "research",
        "title": "On lungs",
        "journal": "J Air",
        "year": 2020,
        "pmid": "123",
        "doi": "10.1002/(SICI)1097<1::AID-X>3.0.CO;2-#",
        "url": "https://doi.org/10.1002/x",
        "formatted": "Roe A. On lungs. J Air. 2020.",
        "document_id": "pmid:123",
        "number": 4,
        "note": None,
        "authors": ["Roe A", "van der Berg AB Jr", "ARDS Network, NIH"],
        "volume": "3",
        "issue": "4",
        "pages": "637-41",
        "pmcid": "PMC77",
        "retracted": False,
        "stored": "abstract",
        "review_status": None,
        "updated": None,
    } | given


ARTICLE = reference(
    marker=2,
    kind="article",
    title="How do lungs heal?",
    journal=None,
    year=2024,
    pmid=None,
    doi=None,
    url="/articles/lungs",
    formatted="How do lungs heal? Updated 2024-05-17. Review status: approved.",
    document_id="lungs",
    authors=[],
    volume=None,
    issue=None,
    pages=None,
    pmcid=None,
    stored="article",
    review_status="approved",
    updated="2024-05-17",
)


def answered(*references: dict[str, Any], text: str = "Lungs heal.", quote: str = "") -> Record:
    """Return an answer whose one statement cites every reference."""
    citations = [
        {
            "marker": entry["marker"],
            "document_id": entry.get("document_id"),
            "section": "Repair",
            "quote": quote or text,
            "start": 3,
            "end": 14,
        }
        for entry in references
    ]
    return {
        "answer_id": "0123456789abcdef",
        "question": "Do lungs heal?",
        "status": "answered",
        "statements": [{"text": text, "citations": citations}],
        "references": list(references),
        "refusal": None,
        "notices": [],
        "review_status": "approved",
        "corpus_date": "2024-05-17",
    }


REFUSED: Record = {
    "answer_id": "0123456789abcdef",
    "question": "Who won?",
    "statements": [],
    "references": [],
    "refusal": {
        "reason": "beyond_corpus",
        "message": "Nothing here is about that.",
        "nearest": [
            {"document_id": "x", "passage_id": "x@0-9", "quote": "Lungs heal.", "score": 1}
        ],
        "try_asking": [],
    },
    "notices": [],
}


def body(record: Record, name: str, site: str = "") -> str:
    """Return the text of an export."""
    return export(record, name, site=site).body


def in_bibtex(text: str) -> list[dict[str, str]]:
    """Return the entries of a BibTeX text, as bibtexparser reads and decodes them."""
    context = get_default_latex_context_db()
    # standard LaTeX that the decoder lacks, or gives another character for
    lacking = {"textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^"}
    macros = [MacroTextSpec(name, simplify_repl=sign) for name, sign in lacking.items()]
    context.add_context_category("braces", prepend=True, macros=macros)
    decoding = LatexDecodingMiddleware(decoder=LatexNodes2Text(latex_context=context))
    found = parse_bibtex(text, append_middleware=[decoding])
    assert not found.failed_blocks
    assert not found.comments
    return [
        {"ID": e.key, "TYPE": e.entry_type} | {f.key: f.value for f in e.fields}
        for e in found.entries
    ]


def in_ris(text: str) -> list[dict[str, list[str]]]:
    """Return the values by tag of each record, read as the format's description has it."""
    records: list[dict[str, list[str]]] = []
    for line in text.splitlines():
        if not line:
            continue
        match = re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", line)
        assert match, f"not a RIS line: {line!r}"
        if match[1] == "TY":
            records.append({})
        records[-1].setdefault(match[1], []).append(match[2])
    assert all(record["ER"] == [""] for record in records)
    return records


@pytest.mark.parametrize("name", FORMATS)
def test_an_export_is_named_and_typed(name: str) -> None:
    """The file name is plain ASCII with the format's ending, whatever the answer's id is."""
    made = export(answered(reference()) | {"answer_id": '../"\r\nX: é'}, name)
    assert re.fullmatch(r"sequitur-[A-Za-z0-9]+\.(txt|md|bib|ris|json)", made.file_name)
    assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", made.media_type)
    assert made.body.encode()


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    """The message says what may be asked for instead."""
    with pytest.raises(InputError, match=r"'endnote'.*vancouver, markdown, bibtex, ris, csl-json"):
        export(answered(reference()), "endnote")


@given(TITLES, TITLES)
def test_bibtex_gives_back_what_it_was_given(title: str, journal: str) -> None:
    """Two parsers read one entry with every field; titles survive what LaTeX would act on."""
    given_ = reference(title=title, journal=journal)
    text = body(answered(given_), "bibtex")
    (entry,) = in_bibtex(text)
    assert (entry["TYPE"], entry["ID"]) == ("article", "roe2020-pmid123")
    decoded = {name: re.sub(r"\s+", " ", entry[name]) for name in ("title", "journal")}
    assert decoded == {"title": one_line(title), "journal": one_line(journal)}
    assert entry["doi"] == given_["doi"]
    assert (entry["pmid"], entry["pmcid"]) == ("123", "PMC77")
    (again,) = parse_string(text, "bibtex").entries.values()
    assert again.fields["doi"] == given_["doi"]
    assert [str(person) for person in again.persons["author"]] == [
        "Roe, A.",
        "van der Berg, Jr, A. B.",
        "{ARDS Network, NIH}",
    ]


@given(TITLES, TITLES)
def test_ris_gives_back_what_it_was_given(title: str, author: str) -> None:
    """The library's reader and a strict one agree; no text can end a line or a record."""
    given_ = reference(title=title, authors=["Roe A", author])
    text = body(answered(given_, reference(marker=2, document_id="other")), "ris")
    first, second = in_ris(text)
    assert first["TI"] == [one_line(title)]
    assert first["DO"] == [given_["doi"]]
    assert (first["AU"][0], len(first["AU"])) == ("Roe, A.", 2)
    assert (first["SP"], first["EP"]) == (["637"], ["641"])
    assert (first["AN"], first["C2"]) == (["123"], ["PMC77"])
    assert second["TI"] == ["On lungs"]
    read = rispy.loads(text)
    assert [entry["title"] for entry in read] == [one_line(title), "On lungs"]
    assert read[0]["doi"] == given_["doi"]


@given(TITLES, st.lists(TITLES, max_size=3))
def test_csl_json_has_the_published_shape(title: str, authors: list[str]) -> None:
    """Types, names and dates are as the schema of CSL-JSON has them, and texts as given."""
    given_ = reference(title=title, authors=authors)
    items = json.loads(body(answered(given_, ARTICLE), "csl-json", SITE))
    jsonschema.validate(items, CSL)
    assert items[0]["title"] == one_line(title)
    assert items[0]["DOI"] == given_["doi"]
    assert items[0]["issued"] == {"date-parts": [[2020]]}
    assert len(items[0].get("author", [])) == len(authors)
    assert items[1]["type"] == "webpage"
    assert items[1]["issued"] == {"date-parts": [[2024, 5, 17]]}
    assert items[1]["URL"] == f"{SITE}/articles/lungs"


@given(st.lists(TITLES, min_size=1, max_size=4))
def test_no_author_becomes_two_or_none_in_bibtex(authors: list[str]) -> None:
    """However a name is written, the second parser counts as many people as there are names."""
    text = body(answered(reference(authors=authors)), "bibtex")
    (entry,) = parse_string(text, "bibtex").entries.values()
    assert len(entry.persons["author"]) == len(authors)


def test_people_are_parted_and_groups_stay_whole() -> None:
    """A surname, initials and a suffix go to their places; a group's name is taken as printed."""
    (item,) = json.loads(body(answered(reference()), "csl-json"))
    assert item["author"] == [
        {"family": "Roe", "given": "A."},
        {"family": "van der Berg", "given": "A. B.", "suffix": "Jr"},
        {"literal": "ARDS Network, NIH"},
    ]


def test_an_article_of_ours_is_a_page_with_its_date() -> None:
    """BibTeX calls it @misc, RIS a web page; its address is only given when it is known."""
    record = answered(ARTICLE | {"marker": 1})
    (entry,) = in_bibtex(body(record, "bibtex", SITE))
    assert (entry["TYPE"], entry["ID"][:10]) == ("misc", "lungs2024-")
    assert (entry["year"], entry["month"], entry["day"]) == ("2024", "5", "17")
    assert entry["url"] == f"{SITE}/articles/lungs"
    (page,) = in_ris(body(record, "ris", SITE))
    assert (page["TY"], page["DA"]) == (["ELEC"], ["2024/05/17/"])
    assert page["UR"] == [f"{SITE}/articles/lungs"]
    for name in FORMATS:
        assert "/articles/" not in body(record, name)


def test_keys_are_unique_and_do_not_depend_on_neighbours() -> None:
    """The same paper has the same key in every answer, and no two in one answer share one."""
    twins = [reference(marker=n, pmid=None, document_id=f"doi:{n}") for n in (1, 2, 3)]
    keys = [entry["ID"] for entry in in_bibtex(body(answered(*twins), "bibtex"))]
    assert len(set(keys)) == 3
    (alone,) = in_bibtex(body(answered(twins[2] | {"marker": 1}), "bibtex"))
    assert alone["ID"] == keys[2]
    same = [reference(marker=n) for n in (1, 2)]
    assert len({e["ID"] for e in in_bibtex(body(answered(*same), "bibtex"))}) == 2
    assert all(re.fullmatch(r"[a-z0-9-]+", key) for key in keys)


def test_a_retracted_paper_is_marked_in_every_format() -> None:
    """Reference managers get a note; the texts have it from the formatted line and the notices."""
    record = answered(reference(retracted=True))
    assert in_bibtex(body(record, "bibtex"))[0]["note"] == "Retracted."
    assert in_ris(body(record, "ris"))[0]["N1"] == ["Retracted."]
    (item,) = json.loads(body(record, "csl-json"))
    assert (item["note"], item["status"]) == ("Retracted.", "retracted")
    record["notices"] = ["[1] has been retracted."]
    assert "Note: [1] has been retracted." in body(record, "vancouver")
    assert "has been retracted" in body(record, "markdown")


def test_the_plain_text_is_what_a_reader_pastes() -> None:
    """Question, statements with markers, numbered references, and where all that is from."""
    record = answered(reference(), ARTICLE, text="Lungs heal:\n- slowly\n  - very")
    assert body(record, "vancouver") == (
        "Question: Do lungs heal?\n\n"
        "Lungs heal:\n- slowly\n  - very [1][2]\n\n"
        "References\n"
        "1. Roe A. On lungs. J Air. 2020.\n"
        "2. How do lungs heal? Updated 2024-05-17. Review status: approved.\n\n"
        "Answers come from these sources only. They are no substitute for clinical judgement.\n"
        "Corpus date: 2024-05-17. Review status: approved. Answer: 0123456789abcdef.\n"
    )
    assert f"{SITE}/answers/0123456789abcdef" in body(record, "vancouver", SITE)


def cited_paper(number: int, **given: Any) -> dict[str, Any]:
    """Return a paper that the article of ours cites at its quote."""
    return {
        "article": "lungs",
        "number": number,
        "formatted": "Doe J, et al. Steroids. J Air. 2011.",
        "year": 2011,
        "kind": "research",
        "evidence_label": None,
        "retracted": False,
        "pmid": None,
        "doi": None,
        "url": None,
    } | given


# an answer from the article and from its reference 4, as the assistant gives it
TOLD: Record = answered(reference(), ARTICLE) | {
    "article": "lungs",
    "confidence": 0.8,
    "certainty": {
        "level": "good",
        "words": "Likely the answer: about 80 in 100 such answers rest on the right text",
    },
    "missing": ["children", "the *dose*"],
    "cited": [
        cited_paper(4),
        cited_paper(
            7, retracted=True, evidence_label="randomised trial", url="https://doi.org/10.1/s"
        ),
        cited_paper(9, formatted="Poe [1] as printed", url="javascript:alert(1)"),
    ],
}


def test_the_plain_text_says_how_sure_it_is_and_what_is_cited_there() -> None:
    """In the terminal's words; a paper that is a reference already is not listed again."""
    assert body(TOLD, "vancouver") == (
        "Question: Do lungs heal?\n\n"
        "Lungs heal. [1][2]\n\n"
        "●●○ Likely the answer: about 80 in 100 such answers rest on the right text.\n"
        "Partly answered: nothing here on children, the *dose*.\n\n"
        "References\n"
        "1. Roe A. On lungs. J Air. 2020.\n"
        "2. How do lungs heal? Updated 2024-05-17. Review status: approved.\n\n"
        "Papers that [2] cites there, by its numbers\n"
        "7. RETRACTED (randomised trial) research: Doe J, et al. Steroids. J Air. 2011."
        " Available from: https://doi.org/10.1/s\n"
        "9. research: Poe [1] as printed\n\n"
        "Answers come from these sources only. They are no substitute for clinical judgement.\n"
        "Corpus date: 2024-05-17. Review status: approved. Answer: 0123456789abcdef.\n"
    )


def test_markdown_says_how_sure_it_is_and_what_is_cited_there() -> None:
    """Each on a line of its own; the article's numbers stay as they are."""
    text = body(TOLD, "markdown")
    assert (
        "●●○ Likely the answer: about 80 in 100 such answers rest on the right text.\n\n"
        "Partly answered: nothing here on children, the \\*dose\\*.\n\n"
        "## References\n\n"
    ) in text
    assert (
        "## Papers that \\[2\\] cites there, by its numbers\n\n"
        "- 7\\. RETRACTED (randomised trial) research: Doe J, et al. Steroids. J Air. 2011."
        " [Open](<https://doi.org/10.1/s>)\n"
        "- 9\\. research: Poe \\[1\\] as printed\n\n"
        "Answers come from these sources only."
    ) in text
    assert "<li>7. RETRACTED" in rendered(text)


@pytest.mark.parametrize("known", [{"pmid": "123"}, {"doi": "10.1/A"}])
def test_a_paper_among_the_references_is_not_listed_again(known: dict[str, str]) -> None:
    """One identifier that both have is enough, in whatever letters and whoever was asked."""
    answer = answered(reference(doi="10.1/a"), ARTICLE)
    for name in ("vancouver", "markdown"):
        assert "cites there" not in body(answer | {"cited": [cited_paper(4, **known)]}, name)
        assert "cites there" in body(answer | {"cited": [cited_paper(4)]}, name)


def rendered(text: str) -> str:
    """Return Markdown as HTML, with everything that a renderer may take for markup."""
    return str(MarkdownIt("js-default", {"html": True}).render(text))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_takes_effect_as_markdown_or_html(hostile: str) -> None:
    """Whatever a text holds, the page has the same elements as for a plain word, and the text."""
    places: tuple[Callable[[str], Record], ...] = (
        lambda text: answered(reference(), text=text),
        lambda text: answered(reference(), quote=text),
        lambda text: answered(reference(formatted=text)),
        lambda text: answered(reference()) | {"question": text},
        lambda text: answered(reference()) | {"notices": [text]},
        lambda text: TOLD | {"missing": [text]},
        lambda text: TOLD | {"cited": [cited_paper(7, formatted=text)]},
        lambda text: REFUSED | {"refusal": {"message": text, "nearest": [{"quote": text}]}},
    )
    for place in places:
        made, plain = (rendered(body(place(text), "markdown")) for text in (hostile, "word"))
        if place is places[0] and (hostile.startswith("- ") or "\n" in hostile):
            assert "<script" not in made  # a list in a statement stays a list, a break a break
            continue
        assert re.findall(r"<[^>]*>", made) == re.findall(r"<[^>]*>", plain)


@given(st.one_of(TITLES, st.sampled_from(HOSTILE)))
def test_markdown_shows_a_quote_as_it_stands(quote: str) -> None:
    """The quote's characters all arrive in the blockquote, none of them as markup."""
    tokens = MarkdownIt("js-default", {"html": True}).parse(
        body(answered(reference(), quote=quote, text="Lungs"), "markdown")
    )
    start = next(i for i, token in enumerate(tokens) if token.type == "blockquote_open")
    inline = tokens[start + 2]
    assert {child.type for child in inline.children or []} <= {"text", "text_special"}
    assert "".join(child.content for child in inline.children or []) == one_line(quote)


def test_markdown_links_to_the_span_and_to_the_answer() -> None:
    """With the site's address, quotes of our articles open at their place."""
    text = body(answered(reference(), ARTICLE), "markdown", SITE)
    assert f"(<{SITE}/articles/lungs#at-3-14>)" in text
    assert f"(<{SITE}/answers/0123456789abcdef>)" in text
    assert "(<https://doi.org/10.1002/x>)" in text
    assert SITE not in body(answered(reference(), ARTICLE), "markdown")
    scripted = answered(reference(url="javascript:alert(1)"))
    assert "javascript" not in body(scripted, "markdown", SITE)


def test_a_refusal_is_exported_too() -> None:
    """The texts say why and what came nearest; the files hold no reference and stay readable."""
    for name in ("vancouver", "markdown"):
        text = body(REFUSED, name)
        assert "Nothing here is about that." in text
        assert "○○○ The sources do not deal with this." in text
        assert 0 < text.index("Nearest passages") < text.index("Lungs heal.")
        assert "not stated" in text
        urgent = REFUSED | {"refusal": REFUSED["refusal"] | {"reason": "emergency"}}
        assert "Get help now." in body(urgent, name)
        assert "○○○" not in body(urgent, name)
    assert in_bibtex(body(REFUSED, "bibtex")) == []
    assert in_ris(body(REFUSED, "ris")) == []
    assert json.loads(body(REFUSED, "csl-json")) == []


NEW_KEYS = (
    *("authors", "volume", "issue", "pages", "pmcid", "retracted", "stored", "review_status"),
    *("updated", "document_id", "number", "note"),
)


@pytest.mark.parametrize("name", FORMATS)
def test_a_record_from_before_these_keys_is_exported(name: str) -> None:
    """Only what the contract always required is needed."""
    record = copy.deepcopy(answered(reference(), ARTICLE))
    for entry in record["references"]:
        for key in NEW_KEYS:
            entry.pop(key, None)
    for key in ("review_status", "corpus_date", "notices"):
        record.pop(key)
    record["confidence"] = 0.8
    text = body(record, name, SITE)
    assert "On lungs" in text
    assert "None" not in text
    assert ("●●○ Likely the answer: about 80" in text) == (name in ("vancouver", "markdown"))


@pytest.mark.parametrize("question", ["What fills the alveoli?", "Who won the cup in 1966?", ""])
def test_real_records_are_exported(assistant: Assistant, question: str) -> None:
    """Every format takes what the assistant really gives, answered or refused, alike each time."""
    record: Mapping[str, Any] = json.loads(
        json.dumps(answer_record(assistant.ask(Question(text=question, article="lungs"))))
    )
    for name in FORMATS:
        assert export(dict(record), name, site=SITE) == export(dict(record), name, site=SITE)
    assert len(in_ris(body(dict(record), "ris"))) == len(record["references"])
    assert len(in_bibtex(body(dict(record), "bibtex"))) == len(record["references"])
