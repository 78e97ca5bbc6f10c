"""Sentences that only report what another study found."""

import pytest

from corpus.records import Article, Callout, Document, Reference, Span
from service.second_hand import reported_in, short_line

DOE = Reference(number=1, title="On lungs.", authors=("Doe J", "Roe K"), journal="J Air", year=2020)
ROE = Reference(number=2, title="Buds", authors=("Roe K",), year=1999)


def abstract(text: str, title: str = "Steroids in organizing pneumonia") -> Document:
    """Return an abstract of one sentence."""
    return Document(document_id="pmid:1", kind="abstract", title=title, text=text)


def said_by(text: str, title: str = "Steroids in organizing pneumonia") -> tuple[str, ...]:
    """Return what the whole text of an abstract is reported in."""
    return reported_in(abstract(text, title), Span(start=0, end=len(text)))


def article(text: str, *numbers: int) -> Article:
    """Return an article of one sentence that ends in these citation numbers."""
    callouts = (Callout(at=len(text), numbers=numbers),) if numbers else ()
    document = Document(
        document_id="lungs", kind="article", title="Lungs", text=text, callouts=callouts
    )
    return Article(slug="lungs", document=document, references=(DOE, ROE))


def said_in(paper: Article) -> tuple[str, ...]:
    """Return what the whole text of an article is reported in."""
    whole = Span(start=0, end=len(paper.document.text))
    return reported_in(paper.document, whole, paper)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Smith et al. (2010) found relapse in a third.", ("Smith et al. (2010)",)),
        ("Relapse was rarer (Cottin et al., 2004).", ("Cottin et al., 2004",)),
        ("Lazor and colleagues described 48 patients.", ("Lazor and colleagues",)),
        ("A previous meta-analysis showed no benefit.", ("A previous meta-analysis",)),
        ("Earlier randomised trials were small.", ("Earlier randomised trials",)),
        ("In the ENGAGE trial, bleeding was rarer.", ("the ENGAGE trial",)),
        ("Relapse has been reported in a third.", ("has been reported",)),
        ("Cases have recently been described.", ("have recently been described",)),
        ("The scale was previously published.", ("was previously published",)),
        ("According to the Chest Society, wait.", ("According to the Chest Society",)),
        (
            "Smith et al. found relapse, as had the SOLVE study.",
            ("Smith et al.", "the SOLVE study"),
        ),
    ],
)  # fmt: skip
def test_words_that_name_another_study_are_given_as_they_stand(
    text: str, named: tuple[str, ...]
) -> None:
    """In the order of the text, each once."""
    assert said_by(text) == named
    assert all(words in text for words in named)


@pytest.mark.parametrize(
    "text",
    [
        "Relapse occurred in a third of the patients.",
        "Adverse events were reported in 5% of them.",
        "We found that relapse has been reported too often.",
        "In contrast to previous studies, our patients had no relapse.",
        "This study confirmed relapse in a third.",
        "Previous treatment with steroids was recorded.",
        "The recent rise in incidence is not explained.",
        "The present study was larger than earlier trials.",
    ],
)
def test_what_a_study_says_of_itself_is_its_own(text: str) -> None:
    """No words of another's work, or the authors speaking of theirs."""
    assert said_by(text) == ()


def test_a_trial_that_the_title_names_is_this_one() -> None:
    """The abstract of ENGAGE says "in the ENGAGE trial" of itself."""
    text = "In the ENGAGE trial, bleeding was rarer than in the ROCKET trial."
    assert said_by(text, "Edoxaban: the ENGAGE trial") == ("the ROCKET trial",)


def test_the_numbers_of_an_article_name_its_references() -> None:
    """Short lines in the order printed; a number that is not listed is passed over."""
    paper = article("Relapse is seen in a third.", 2, 7, 1)
    assert said_in(paper) == ("Roe K. Buds. 1999", "Doe J, et al. On lungs. J Air. 2020")


def test_a_number_beside_the_authors_own_work_names_nothing() -> None:
    """There it stands for a method, or for what the finding is compared with."""
    assert said_in(article("We graded relapse as proposed.", 1)) == ()


def test_an_article_without_numbers_is_read_by_its_words() -> None:
    """As an abstract is."""
    assert said_in(article("A recent survey found it rare.")) == ("A recent survey",)
    assert said_in(article("It is rare.")) == ()


def test_only_the_quoted_words_count() -> None:
    """What stands before or after them in the text says nothing of them."""
    text = "Relapse is rare. Smith et al. found more."
    assert reported_in(abstract(text), Span(start=0, end=16)) == ()
    assert reported_in(abstract(text), Span(start=17, end=len(text))) == ("Smith et al.",)


def test_at_most_three_are_named() -> None:
    """A reader looks at no more; the reference list has the others."""
    text = "Abel et al., Bell et al., Cole et al. and Dill et al. agree."
    assert said_by(text) == ("Abel et al.", "Bell et al.", "Cole et al.")


def test_a_reference_in_few_words() -> None:
    """A long title ends at a word; what is not known is left out."""
    long = Reference(title="word " * 40)
    assert short_line(long) == f"{('word ' * 16).strip()} …"
    assert short_line(Reference(title="Buds", year=1999)) == "Buds. 1999"
