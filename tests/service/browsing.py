"""How the tests read a page: as a browser without JavaScript, element by element."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from corpus.library import Library
from corpus.records import Article, Document
from index.saved import build_index, load_index
from service.api import create_app
from service.assistant import Assistant
from service.settings import Settings
from tests.service.conftest import HashingEmbedder

VOID = {"meta", "link", "input", "br", "img"}
BROWSER = {"accept": "text/html,application/xhtml+xml"}


@dataclass
class Element:
    """An element of a page with its attributes, its children and its text."""

    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    def all(self, tag: str = "", **attributes: str) -> list["Element"]:
        """Return the elements below with this tag and these attributes (`class_`: contains)."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                if (not tag or child.tag == tag) and child.has(attributes):
                    found.append(child)
                found += child.all(tag, **attributes)
        return found

    def one(self, tag: str = "", **attributes: str) -> "Element":
        """Return the only such element."""
        (found,) = self.all(tag, **attributes)
        return found

    def has(self, attributes: dict[str, str]) -> bool:
        """Tell whether the element has all these attributes."""
        classes = (self.attributes.get("class") or "").split()
        return all(
            value in classes if name == "class_" else self.attributes.get(name) == value
            for name, value in attributes.items()
        )

    def get(self, name: str) -> str:
        """Return an attribute, which must be there and have a value."""
        value = self.attributes[name]
        assert value is not None
        return value

    def without(self, *classes: str) -> "Element":
        """Return a copy in which nothing has one of these classes."""
        kept = [
            child.without(*classes) if isinstance(child, Element) else child
            for child in self.children
            if isinstance(child, str) or not any(child.has({"class_": one}) for one in classes)
        ]
        return Element(self.tag, self.attributes, kept)

    @property
    def raw(self) -> str:
        """The text below, every character of it."""
        return "".join(c if isinstance(c, str) else c.raw for c in self.children)

    @property
    def text(self) -> str:
        """The text below, white space folded."""
        return " ".join(self.raw.split())


class Reader(HTMLParser):
    """Builds the tree, and fails on a tag that is not closed by its own end."""

    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("page")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element, which must be of this tag."""
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        """Add text."""
        self.open[-1].children.append(data)


def read(page: str) -> Element:
    """Return a page as a tree; its tags must be closed, and its ids must be names of one thing."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert len(reader.open) == 1
    ids = [element.get("id") for element in reader.open[0].all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    return reader.open[0]


def get(client: TestClient, path: str) -> Element:
    """Return the page at a path."""
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return read(response.text)


def ask(client: TestClient, path: str, question: str, **more: str) -> Element:
    """Return the page after a question was sent by its form."""
    response = client.post(path, data={"question": question} | more)
    assert response.status_code == 200
    return read(response.text)


def app_over(
    folder: Path, articles: Iterable[Article], documents: Iterable[Document] = ()
) -> FastAPI:
    """Return the application over a library of these articles and documents."""
    library = Library.create(folder)
    library.put(articles=tuple(articles), documents=tuple(documents))
    embedder = HashingEmbedder()
    build_index(library, embedder)
    # answers come by it whatever risk is promised: what is tried here is the page
    settings = Settings(confidence_threshold=0.3)
    assistant = Assistant(library, load_index(library, embedder), embedder, settings)
    return create_app(lambda: assistant, settings)
