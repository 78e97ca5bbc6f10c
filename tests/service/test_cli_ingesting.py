import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus.library import Library
from ingest import streaming
from service import cli_ingesting
from service.cli import cli
from service.cli_ingest_progress import ReadingBar
from tests.evals.fakes import WordEmbedder
from tests.service.cases import give_embedder

ARTICLE = """---
title: How do lungs heal?
references:
  - {number: 1, title: Buds in the alveoli, year: 2001}
---
Lungs heal by buds [1]. Amiodarone stains the skin slate grey. Rest helps the lungs.
"""


def record(pmid: int, title: str = "A title", abstract: str = "Zinc fell.") -> str:
    """Return one MEDLINE record of 2002."""
    text = f"AB  - {abstract}\n" if abstract else ""
    return f"PMID- {pmid}\nTI  - {title}\nDP  - 2002\n{text}\n"


@pytest.fixture(autouse=True)
def _small_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let commands count words, and read no library from the environment."""
    monkeypatch.delenv("SEQUITUR_LIBRARY", raising=False)
    monkeypatch.setenv("SEQUITUR_DATA_DIR", str(tmp_path / "data"))
    give_embedder(monkeypatch, WordEmbedder())


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Return an empty folder for files to read."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def invoked(folder: Path, command: str, *arguments: str | Path) -> Result:
    """Run a command on the library beside the inbox."""
    given = [command, *map(str, arguments), "--library", str(folder.parent / "library")]
    return CliRunner().invoke(cli, given, catch_exceptions=False)


def test_deleted_text_is_never_answered_from(inbox: Path) -> None:
    """Answered before; refused between reading and indexing; not answered after.

    The whole way of an editor who takes a sentence out of an article.
    """
    question = ("What does amiodarone stain?", "--article", "lungs")
    path = inbox / "lungs.md"
    path.write_text(ARTICLE)
    invoked(inbox, "ingest", inbox)
    invoked(inbox, "index")
    assert "slate grey" in invoked(inbox, "ask", *question).stdout
    path.write_text(ARTICLE.replace(" Amiodarone stains the skin slate grey.", ""))
    done = invoked(inbox, "ingest", inbox)
    assert "changed: " in done.stdout
    between = invoked(inbox, "ask", *question)
    assert (between.exit_code, between.stdout) == (2, "")
    assert "run `sequitur index --library " in between.stderr
    invoked(inbox, "index")
    after = invoked(inbox, "ask", *question, "--json")
    assert after.exit_code == 0
    assert "slate" not in after.stdout
    assert json.loads(after.stdout)["article"] == "lungs"


def typed(line: str) -> Result:
    """Run a command as a shell would read it."""
    program, *arguments = shlex.split(line)
    assert program == "sequitur"
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


def last_line(talk: str) -> str:
    """Return what stands last on stderr, behind whatever bar a slow machine showed."""
    return re.split(r"[\r\n]", talk.rstrip())[-1]


def test_the_next_command_can_be_typed_as_it_is_printed(inbox: Path) -> None:
    """From files to a library that can be served, whatever the folder's name."""
    folder = inbox.parent / "Anna's library"
    (inbox / "lungs.md").write_text(ARTICLE)
    at = shlex.quote(str(folder))
    read = typed(f"sequitur ingest {shlex.quote(str(inbox))} --library {at}")
    assert read.stderr == f"Next: sequitur index --library {at}\n"
    asked = typed(f"sequitur ask 'Does rest help?' --library {at}")
    assert asked.exit_code == 2
    assert asked.stderr.endswith(f"no index here; run `sequitur index --library {at}`\n")
    built = typed(read.stderr.removeprefix("Next: "))
    assert built.exit_code == 0
    assert last_line(built.stderr) == f"Next: sequitur serve --library {at}"
    assert "Rest helps" in typed(f"sequitur ask 'Does rest help?' --library {at}").stdout


def test_a_library_of_the_environment_need_not_be_named(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next command finds it as this one did."""
    monkeypatch.setenv("SEQUITUR_LIBRARY", str(inbox.parent / "library"))
    (inbox / "lungs.md").write_text(ARTICLE)
    read = typed(f"sequitur ingest {shlex.quote(str(inbox))}")
    assert read.stderr == "Next: sequitur index\n"
    assert "run `sequitur index`" in typed("sequitur ask 'Does rest help?'").stderr
    built = typed(read.stderr.removeprefix("Next: "))
    assert last_line(built.stderr) == "Next: sequitur serve"


def test_a_pruned_article_is_never_answered_from(inbox: Path) -> None:
    """Its file is gone: `--prune` and `index`, and no question finds its text."""
    (inbox / "lungs.md").write_text(ARTICLE)
    (inbox / "other.md").write_text("---\ntitle: Bones\n---\nA bone heals in twelve weeks.\n")
    invoked(inbox, "ingest", inbox)
    invoked(inbox, "index")
    (inbox / "lungs.md").unlink()
    assert "removed: lungs" in invoked(inbox, "ingest", inbox, "--prune").stdout
    assert invoked(inbox, "ask", "What does amiodarone stain?").exit_code == 2
    invoked(inbox, "index")
    assert "slate" not in invoked(inbox, "ask", "What does amiodarone stain?").stdout


def test_a_doubtful_match_is_listed_and_confirmed(inbox: Path) -> None:
    """The output gives entry, candidate, score, reason and the option; the option ties it."""
    (inbox / "lungs.md").write_text(ARTICLE)
    (inbox / "x.nbib").write_text(record(7, "Buds in the alveoli"))
    done = invoked(inbox, "ingest", inbox, "--article", "lungs")
    assert "entry 1 “Buds in the alveoli” may be pmid:7 (score 0.85: " in done.stdout
    assert "--tie lungs:1=pmid:7" in done.stdout
    library = Library(inbox.parent / "library")
    assert library.article("lungs").reference_numbered(1).document_id is None  # type: ignore[union-attr]
    done = invoked(inbox, "ingest", "--tie", "lungs:1=pmid:7")
    assert (done.exit_code, "entry 1 tied to pmid:7" in done.stdout) == (0, True)
    library = Library(inbox.parent / "library")
    assert library.article("lungs").reference_numbered(1).document_id == "pmid:7"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("tie", "named"),
    [
        ("lungs", "SLUG:NUMBER=ID"),
        ("lungs:9=pmid:7", "no entry 9"),
        ("lungs:1=pmid:8", "pmid:8"),
        ("liver:1=pmid:7", "liver"),
    ],
)
def test_a_tie_to_nothing_is_refused(inbox: Path, tie: str, named: str) -> None:
    """Exit 2 and one line that names what is not there."""
    (inbox / "lungs.md").write_text(ARTICLE)
    (inbox / "x.nbib").write_text(record(7))
    invoked(inbox, "ingest", inbox)
    done = invoked(inbox, "ingest", "--tie", tie)
    assert (done.exit_code, done.stdout) == (2, "")
    assert named in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_rejected_records_go_to_a_file(inbox: Path) -> None:
    """The output shows the first ones and a number; the file holds each with place and reason."""
    path = inbox / "=x.nbib"
    path.write_text(record(1) + "".join(record(n, abstract="") for n in range(2, 12)))
    done = invoked(inbox, "ingest", path)
    assert done.exit_code == 0
    assert done.stdout.count("left out: line") == 5
    assert "left out: 5 more" in done.stdout
    written = inbox.parent / "library" / "rejected.tsv"
    assert str(written) in done.stderr
    head, *rows = written.read_text().splitlines()
    assert head == "file\tplace\treason"
    assert len(rows) == 10
    assert rows[0].split("\t")[1:] == ["line 6 (PMID 2)", "no abstract"]
    elsewhere = inbox / "left.tsv"
    (inbox / "y.nbib").write_text(record(3) + record(4, abstract=""))
    invoked(inbox, "ingest", inbox / "y.nbib", "--rejected", elsewhere)
    assert len(elsewhere.read_text().splitlines()) == 2


def test_a_rejected_cell_is_no_formula(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file's name that a spreadsheet would compute is written as text, on one line."""
    monkeypatch.chdir(inbox)
    Path("=cmd\t1.nbib").write_text(record(1) + record(2, abstract=""))
    invoked(inbox, "ingest", "=cmd\t1.nbib")
    row = (inbox.parent / "library" / "rejected.tsv").read_text().splitlines()[1]
    assert row.split("\t")[0] == "'=cmd 1.nbib"


def test_a_run_that_is_interrupted_says_how_to_go_on(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 1, how far it came on stderr, a library that opens; the same command ends the work."""
    monkeypatch.setattr(streaming, "BATCH_DOCUMENTS", 4)
    (inbox / "x.nbib").write_text("".join(record(n) for n in range(1, 21)))

    class Impatient(ReadingBar):
        """Somebody presses Ctrl-C at the tenth record."""

        def advance(self, *, size_bytes: int = 0, records: int = 0) -> None:
            super().advance(size_bytes=size_bytes, records=records)
            if self.records == 10:
                raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(cli_ingesting, "ReadingBar", Impatient)
        done = invoked(inbox, "ingest", inbox)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Stopped after 10 records" in done.stderr
    assert "goes on from there" in done.stderr
    assert len(Library(inbox.parent / "library").documents()) == 8
    done = invoked(inbox, "ingest", inbox)
    assert (done.exit_code, "20 abstract(s)" in done.stdout) == (0, True)
    assert len(Library(inbox.parent / "library").documents()) == 20


def test_an_index_that_is_interrupted_says_how_to_go_on(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 1 and one line; the next run builds it."""
    (inbox / "x.nbib").write_text(record(1))
    invoked(inbox, "ingest", inbox)

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("index.saved.build_index", stop)
        patched.setattr("service.building.build_index", stop)
        done = invoked(inbox, "index")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "goes on from there" in done.stderr
    assert "index built" in invoked(inbox, "index").stdout


def test_a_file_that_breaks_off_is_a_problem_found(inbox: Path) -> None:
    """What stands before is in; the exit code is 1 and stderr says where it broke."""
    elements = "".join(
        f"<PubmedArticle><MedlineCitation><PMID>{n}</PMID><Article><ArticleTitle>T</ArticleTitle>"
        "<Abstract><AbstractText>It fell.</AbstractText></Abstract></Article></MedlineCitation>"
        "</PubmedArticle>"
        for n in range(3)
    )
    (inbox / "x.xml").write_text(f"<PubmedArticleSet>{elements}<PubmedArt")
    done = invoked(inbox, "ingest", inbox)
    assert done.exit_code == 1
    assert "Broken off: " in done.stderr
    assert "3 abstract(s)" in done.stdout


def test_many_unchanged_files_are_counted_not_listed(inbox: Path) -> None:
    """Of files with nothing to say about them the first are named, the rest is a number."""
    for n in range(30):
        (inbox / f"{n:02}.nbib").write_text(record(n + 1))
    invoked(inbox, "ingest", inbox)
    done = invoked(inbox, "ingest", inbox)
    assert "and 10 more files: 0 abstract(s) or text(s), 10 file(s) unchanged" in done.stdout
    assert done.stdout.count("(MEDLINE, unchanged)") == 20


def test_nothing_to_read_is_bad_usage() -> None:
    """Without a path and without a tie there is nothing to do."""
    done = CliRunner().invoke(cli, ["ingest"])
    assert done.exit_code == 2
    assert "name a file or folder" in done.stderr
