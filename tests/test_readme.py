"""What README.md promises is what the program does."""

import json
import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result

from service.api import create_app
from service.assistant import Assistant
from service.cli import cli
from service.settings import Settings
from tests.evals.fakes import WordEmbedder
from tests.service.cases import (
    ROOT,
    assert_quotes_hold,
    citations_in,
    commands,
    give_embedder,
    real_model,
    real_sample,
)
from tests.service.conftest import started

MAX_LINES = 150
PROGRAM = ".venv/bin/sequitur"
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "corpus").rglob("SOURCES.md")]
)


def blocks(language: str) -> list[str]:
    """Return the README's code blocks in a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def words_of(block: str) -> list[list[str]]:
    """Return the commands of a shell block as lists of words, remarks left out."""
    lines = block.replace("\\\n", " ").splitlines()
    return [words for words in (shlex.split(line, comments=True) for line in lines) if words]


def shell_commands() -> list[list[str]]:
    """Return every command of every `sh` block, and every `sequitur …` in the running text."""
    shown = [words for block in blocks("sh") for words in words_of(block)]
    inline = re.findall(r"`(sequitur [^`]+)`", README)
    return [*shown, *(shlex.split(line) for line in inline)]


def assert_parses(words: list[str]) -> None:
    """Check that the command exists and takes these arguments; nothing is run."""
    name, *arguments = words
    assert name in commands(), f"there is no `sequitur {name}`"
    if arguments:
        commands()[name].make_context(name, list(arguments))


@pytest.fixture
def sample(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Assistant:
    """Return the built-in sample with the real model, which the commands use as well."""
    data_dir = tmp_path_factory.getbasetemp() / "real-sample"
    monkeypatch.setenv("SEQUITUR_DATA_DIR", str(data_dir))
    monkeypatch.delenv("SEQUITUR_LIBRARY", raising=False)
    give_embedder(monkeypatch, real_model())
    return real_sample(data_dir)


def test_it_is_short() -> None:
    """A reader reaches the end."""
    assert len(README.splitlines()) < MAX_LINES


@pytest.mark.parametrize("words", shell_commands(), ids=" ".join)
def test_every_command_exists(words: list[str]) -> None:
    """What is shown is a make target, curl, or a command that takes these options."""
    program, *arguments = words
    if program == "make":
        targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert set(arguments) <= set(targets)
    elif program in (PROGRAM, "sequitur"):
        assert_parses(arguments)
    else:
        assert program == "curl", f"the README shows {program}"


def test_the_commands_of_the_table_exist() -> None:
    """The row on the command line names commands that are there, and none is left out."""
    (row,) = re.findall(r"^\| command line \|(.*)\|$", README, re.MULTILINE)
    named = set(re.findall(r"`(?:sequitur )?([a-z][a-z-]*)`", row))
    assert named == set(commands())


def run_shown(words: list[str], replaced: dict[str, Path] | None = None) -> Result:
    """Run a shown command in this process, with other files in place of those it names."""
    assert words[0] == PROGRAM
    arguments = [str((replaced or {}).get(word, word)) for word in words[1:]]
    done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done


@pytest.mark.usefixtures("sample")
def test_the_shown_follow_up_is_answered() -> None:
    """What "it" is comes from the question before."""
    asking = next(b for b in blocks("sh") if "when it is stopped" in b)
    (words,) = words_of(asking)
    printed = run_shown(words).stdout
    assert "Relapses are common" in printed
    assert "No answer" not in printed


@pytest.mark.usefixtures("sample")
def test_the_shown_answer_is_what_is_printed() -> None:
    """The example's lines are the first lines of what its command prints today."""
    asking = next(b for b in blocks("sh") if "What is the starting dose of prednisone" in b)
    (shown,) = [block for block in blocks("text") if block.startswith("Q: ")]
    (words,) = words_of(asking)
    printed = run_shown(words).stdout.splitlines()
    lines = shown.rstrip().splitlines()
    assert len(lines) > 3
    assert printed[: len(lines)] == lines


def test_an_article_of_ones_own_is_asked_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The block's commands, on files of that name, end in an answer that knows its subject."""
    give_embedder(monkeypatch, WordEmbedder())
    monkeypatch.setenv("SEQUITUR_CONFIDENCE_THRESHOLD", "0")
    article = tmp_path / "my-article.txt"
    article.write_text(
        "How is gout treated?\n\nCare\n\nGout is treated with colchicine. In children gout is "
        "treated with rest.\n\nReferences\n\nResearch\n\n1. Colchicine. J Joints, 2020. PMID: 1\n"
    )
    abstracts = tmp_path / "abstracts.nbib"
    abstracts.write_text("PMID- 1\nTI  - Colchicine.\nAB  - Colchicine calms gout.\n")
    replaced = {
        article.name: article,
        abstracts.name: abstracts,
        "my-library": tmp_path / "my-library",
    }
    (block,) = [b for b in blocks("sh") if "my-library" in b]
    results = [run_shown(words, replaced) for words in words_of(block)]
    assert "article my-article" in results[0].stdout
    assert "1 abstract(s) tied" in results[1].stdout
    assert "index built" in results[2].stdout
    assert "What about children? (How is it treated?)" in results[3].stdout
    assert "In children gout is treated with rest." in results[3].stdout


def test_the_http_example_is_answered(sample: Assistant) -> None:
    """The address is a route, the body is understood, and the answer holds."""
    (words,) = [words for words in shell_commands() if words[0] == "curl"]
    (address,) = [word for word in words if word.startswith("http://")]
    body = json.loads(words[words.index("-d") + 1])
    header, value = words[words.index("-H") + 1].split(": ")
    default = next(p for p in commands()["serve"].params if p.name == "port").default
    assert urlsplit(address).netloc == f"127.0.0.1:{default}"
    for client in started(create_app(lambda: sample, Settings())):
        path = urlsplit(address).path
        response = client.post(path, content=json.dumps(body), headers={header: value})
        assert response.status_code == 200, response.text
        record = response.json()
        assert record["question"] == body["question"]
        assert record["status"] == "answered"
        assert_quotes_hold(record, sample.library)
        assert citations_in(record)


def slug_of(heading: str) -> str:
    """Return the fragment by which a heading is linked."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    """Every relative link of the documentation names a file, and its fragment a heading."""
    text = document.read_text(encoding="utf-8")
    for link in re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", text):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = (document.parent / parts.path) if parts.path else document
        assert target.exists(), f"{document.name} links to {link}"
        if parts.fragment:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert parts.fragment in {slug_of(heading) for heading in headings}, link
