"""Safe XML reading."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import FileInputError
from ingest.drafts import SourceFile
from ingest.xml import MAX_DEPTH, inline_text, parse_xml, raised, root_name, text_at


def source(data: bytes | str) -> SourceFile:
    return SourceFile(name="some.xml", data=data.encode() if isinstance(data, str) else data)


def refusal(data: bytes | str) -> str:
    with pytest.raises(FileInputError) as caught:
        parse_xml(source(data))
    message = str(caught.value)
    assert message.startswith("some.xml")
    assert len(message.splitlines()) == 1
    return message


BOMB = """<?xml version="1.0"?>
<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>"""
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>\n<a>&x;</a>'
PARAMETER = '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://example.org/x"> %x;]><a/>'


@pytest.mark.parametrize("data", [BOMB, OUTSIDE, PARAMETER])
def test_entity_declarations_and_outside_files_are_refused(data: str) -> None:
    """A bomb of entities, or one that points to a file or address, is named and never expanded."""
    assert re.search(r"line \d+, column \d+: declares entities or refers to", refusal(data))


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE a PUBLIC "-//NLM//DTD PubMedArticle, 2025//EN" "https://example.org/p.dtd">',
        '<!DOCTYPE a PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Archiving v1.0//EN" "arch1.dtd">',
        "<!DOCTYPE a>",
    ],
)
def test_an_ordinary_doctype_is_accepted_and_not_followed(doctype: str) -> None:
    """The DOCTYPE lines of PubMed and JATS pass, and HTML's named characters are known."""
    root = parse_xml(source(f"{doctype}<a>x&lt;y</a>"))
    assert inline_text(root) == "x<y"
    if '"' in doctype:
        assert inline_text(parse_xml(source(f"{doctype}<a>x&nbsp;&alpha;</a>"))) == "x α"


def test_depth_is_limited_without_running_out_of_stack() -> None:
    """Nesting up to the limit is read; beyond it, however deep, it is one clear error."""
    assert parse_xml(source("<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH)).tag == "a"
    assert f"more than {MAX_DEPTH} deep" in refusal("<a>" * (MAX_DEPTH + 1))
    assert f"more than {MAX_DEPTH} deep" in refusal("<a>" * 500_000)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", "some.xml: the file is empty"),
        ("<a>\n<b>x", "line 2, column 5: not well-formed XML: the file is cut off"),
        ("<a>\n<b></a>", "line 2, column 6: not well-formed XML: mismatched tag"),
        ("<a>\x01</a>", "line 1, column 4: not well-formed XML: a character that is not allowed"),
        ("<a>&what;</a>", "line 1, column 4: not well-formed XML: undefined entity"),
    ],
)
def test_broken_xml_is_reported_with_its_place(data: str, expected: str) -> None:
    """Each kind of damage gives the line, the column and the reason."""
    assert expected in refusal(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_the_declared_encoding_is_respected(encoding: str) -> None:
    """Text comes out the same in every encoding that the file declares rightly."""
    data = f'<?xml version="1.0" encoding="{encoding}"?><a>naïve ±5</a>'.encode(encoding)
    assert inline_text(parse_xml(source(data))) == "naïve ±5"
    assert root_name(source(data)) == "a"


@pytest.mark.parametrize(
    ("declared", "actual", "expected"),
    [
        ("utf-8", "latin-1", "the bytes are not utf-8"),
        ("utf-16", "utf-8", "encoding specified in XML declaration is incorrect"),
        ("klingon", "utf-8", "unknown encoding: klingon"),
        ("shift_jis", "utf-8", "declared encoding cannot be read"),
    ],
)
def test_a_wrong_encoding_is_reported(declared: str, actual: str, expected: str) -> None:
    """Bytes that are not what the declaration says are an error, not replacement characters."""
    assert expected in refusal(
        f'<?xml version="1.0" encoding="{declared}"?><a>é</a>'.encode(actual)
    )


def test_namespaces_are_dropped_from_tags() -> None:
    """The same element is found with and without a namespace."""
    root = parse_xml(source('<x:a xmlns:x="urn:x" xmlns="urn:y"><b x:c="1">t</b></x:a>'))
    assert root.tag == "a"
    assert text_at(root, "missing", "b") == "t"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <no/> --><!DOCTYPE a [<!x>]>\n<m:a q=''>", "a"),
        (b"<article-set/>", "article-set"),
        (b"no xml", None),
        (b"<", None),
        (b"<!-- never closed <a>", None),
        (b"", None),
    ],
)
def test_the_root_is_named_without_parsing(data: bytes, expected: str | None) -> None:
    """A sniffer sees the first element behind declaration, comments and DOCTYPE."""
    assert root_name(source(data)) == expected


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing but our own error escapes, and the sniffer never raises."""
    root_name(source(data))
    try:
        parse_xml(source(data))
    except FileInputError as error:
        reason = error.reason
    else:
        reason = "none"
    assert len(reason.splitlines()) == 1


def test_superscripts_do_not_change_numbers() -> None:
    """A power stays a power and a note's mark stays a mark; units and ordinals stay on the line."""
    cells = parse_xml(source("<a>10<sup>5</sup> to 10<sup>−3</sup> kg/m<sup>2</sup></a>"))
    assert inline_text(cells) == "10⁵ to 10⁻³ kg/m2"
    marks = parse_xml(source("<a>dose<sup>a</sup>, 1.4<sup>b,c</sup>, 12<sup>th</sup></a>"))
    assert inline_text(marks) == "doseᵃ, 1.4ᵇ,ᶜ, 12th"
    assert raised("2", after="") == "2"
