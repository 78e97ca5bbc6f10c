"""Small JATS articles for the tests."""

from corpus.records import Article, Document
from ingest.drafts import SourceFile
from ingest.jats import JatsParser

META = """<journal-meta><journal-id journal-id-type="nlm-ta">J Ex</journal-id>
<journal-title>The journal of examples</journal-title></journal-meta>
<article-meta>
<article-id pub-id-type="pmid">123</article-id><article-id pub-id-type="pmc">77</article-id>
<article-id pub-id-type="doi">10.1000/Ex.1</article-id>
<title-group><article-title>Effect of <italic>X</italic><xref ref-type="fn">*</xref></article-title>
<subtitle>a trial</subtitle></title-group>
<contrib-group><contrib contrib-type="author"><name><surname>Roe</surname>
<given-names>Jo Ann</given-names></name></contrib>
<contrib contrib-type="author"><collab>X Group</collab></contrib>
<contrib contrib-type="editor"><name><surname>Ed</surname></name></contrib></contrib-group>
<pub-date pub-type="ppub"><month>6</month><year>2020</year></pub-date>
<pub-date pub-type="epub"><day>5</day><month>05</month><year>2020</year></pub-date>
<pub-date pub-type="pmc-release"><day>1</day><month>1</month><year>2021</year></pub-date>
<volume>3</volume><issue>2</issue><fpage>101</fpage><lpage>109</lpage>
{abstract}
</article-meta>"""
ABSTRACT = """<abstract><sec><title>Results</title><p>X helped.</p></sec></abstract>"""


def ref(number: int, *, label: str | None = "{}", year: int = 2001) -> str:
    """Give entry `r<number>` of a reference list; `label` is filled with its number."""
    printed = f"<label>{label.format(number)}</label>" if label is not None else ""
    return (
        f'<ref id="r{number}">{printed}<element-citation publication-type="journal">'
        f'<person-group person-group-type="author"><name><surname>Doe</surname>'
        f"<given-names>AB</given-names></name></person-group>"
        f"<article-title>Work {number}</article-title><source>J Ex</source><year>{year}</year>"
        f"</element-citation></ref>"
    )


def cite(number: int | str, text: str | None = None) -> str:
    """Cite entry `r<number>`, printed as its number or as `text`."""
    printed = str(number) if text is None else text
    return f'<xref ref-type="bibr" rid="r{number}">{printed}</xref>'


def jats(
    body: str,
    *,
    refs: str = "",
    abstract: str = ABSTRACT,
    back: str = "",
    meta: str = META,
    floats: str = "",
) -> SourceFile:
    """Give a whole article around a body."""
    front = meta.format(abstract=abstract)
    text = (
        f'<article article-type="research-article"><front>{front}</front><body>{body}</body>'
        f"<back><ack><p>Thanks.</p></ack>{back}<ref-list><title>References</title>{refs}"
        f"</ref-list></back>{floats}</article>"
    )
    return SourceFile(name="folder/PMC77.nxml", data=text.encode())


def article_of(source: SourceFile) -> Article:
    """Parse the one article of a source."""
    (article,) = JatsParser().parse(source).articles
    return article


def document_of(body: str, *, refs: str = "", floats: str = "") -> Document:
    """Parse a body without an abstract before it."""
    return article_of(jats(body, refs=refs, abstract="", floats=floats)).document


def blocks_of(document: Document) -> list[tuple[str, str]]:
    """Return the kind and text of each block."""
    return [(b.kind, document.text[b.start : b.end]) for b in document.blocks]
