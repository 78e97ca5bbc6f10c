import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import ModelError
from index import minilm
from index.embedder import (
    BUILT_IN,
    BuiltInEmbedder,
    Embedder,
    SentenceTransformerEmbedder,
    embedder_of,
)
from tests.evals.fakes import WordEmbedder
from tests.index.embedder_contract import EmbedderContract


@cache
def built_in() -> BuiltInEmbedder:
    """Return the real model, read once for all tests."""
    return BuiltInEmbedder()


class TestFake(EmbedderContract):
    """The fake keeps what an embedder promises, so that tests with it mean something."""

    @property
    def embedder(self) -> Embedder:
        """A bag of hashed words."""
        return WordEmbedder()


class TestBuiltIn(EmbedderContract):
    """The model that comes with the package."""

    @property
    def embedder(self) -> Embedder:
        """The real model."""
        return built_in()

    def test_it_has_its_published_dimension(self) -> None:
        """all-MiniLM-L6-v2 gives 384 numbers; the property says so without a text."""
        assert built_in().dimension == self.dimension == 384

    def test_meaning_counts_more_than_words(self) -> None:
        """A paraphrase without a common word is nearer than a sentence with common words."""
        question, paraphrase, decoy = built_in().embed_batch(
            [
                "Which medicine lowers a high temperature?",
                "Paracetamol is used to reduce fever.",
                "Which high street is lower down?",
            ]
        )
        assert float(question @ paraphrase) > float(question @ decoy)

    def test_threads_may_share_it(self) -> None:
        """Several questions at once get the vectors that each would get alone."""
        texts = [f"Question {n} about fever" for n in range(8)]
        alone = [built_in().embed_batch([text]) for text in texts]
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda text: built_in().embed_batch([text]), texts))
        for one, other in zip(alone, together, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)


# --- models that are refused --------------------------------------------------------------------


def linked_model(folder: Path, *, without: str = "") -> Path:
    """Make a folder of links to the built-in model's files, one left out."""
    source = minilm.folder()
    for path in source.rglob("*"):
        name = path.relative_to(source)
        if path.is_file() and str(name) != without:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(path)
    return folder


def refused(model: Embedder) -> str:
    """Check that both ways to use the model raise a ModelError of one line, and return it."""
    with pytest.raises(ModelError) as caught:
        model.embed_batch(["fever"])
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@pytest.fixture
def flipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let a copy of the built-in model with one wrong bit in its weights take its place."""
    folder = linked_model(tmp_path / "model", without="model.safetensors")
    weights = folder / "model.safetensors"
    shutil.copyfile(minilm.folder() / "model.safetensors", weights)
    with weights.open("r+b") as file:
        file.seek(-5, os.SEEK_END)
        byte = file.read(1)[0]
        file.seek(-5, os.SEEK_END)
        file.write(bytes([byte ^ 1]))
    monkeypatch.setattr(minilm, "folder", lambda: folder)
    yield folder
    weights.unlink()  # 90 MB that nobody looks at


def test_the_built_in_model_is_told_from_a_folder(tmp_path: Path) -> None:
    """Its name gives it; anything else is a folder."""
    assert isinstance(embedder_of(), BuiltInEmbedder)
    assert isinstance(embedder_of(BUILT_IN), BuiltInEmbedder)
    (tmp_path / "modules.json").write_text("[]")
    assert embedder_of(str(tmp_path)).name == str(tmp_path)


def test_the_built_in_model_gives_the_vectors_of_sentence_transformers(tmp_path: Path) -> None:
    """The same files read by the library: to six places, long texts cut at the same token."""
    theirs = SentenceTransformerEmbedder(str(linked_model(tmp_path)))
    texts = ["fever", "", "A β-blocker at 5 µg/kg (n = 12)", "Organizing pneumonia repairs. " * 80]
    np.testing.assert_allclose(built_in().embed_batch(texts), theirs.embed_batch(texts), atol=2e-6)


@pytest.mark.usefixtures("flipped")
def test_weights_that_are_not_the_published_ones_are_refused() -> None:
    """One wrong bit under the built-in name: neither digest nor vector, and both sums are named."""
    message = refused(BuiltInEmbedder())
    assert minilm.SHA256 in message
    with pytest.raises(ModelError, match=minilm.SHA256):
        _ = BuiltInEmbedder().digest


def test_a_built_in_model_without_weights_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package whose weights are missing is an operator's matter like wrong ones."""
    folder = linked_model(tmp_path, without="model.safetensors")
    monkeypatch.setattr(minilm, "folder", lambda: folder)
    assert "model.safetensors" in refused(BuiltInEmbedder())


@pytest.mark.parametrize(
    "model", ["sentence-transformers/all-MiniLM-L6-v2", "all-mpnet-base-v2", "nowhere/at/all", "."]
)
def test_a_name_is_never_looked_up_in_a_hub(
    model: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is neither the built-in name nor a model's folder is refused, not fetched."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=r"modules\.json is missing") as caught:
        SentenceTransformerEmbedder(model)
    assert repr(model) in str(caught.value)


@pytest.mark.parametrize(
    "modules",
    [
        "",
        "{",
        "{}",
        "[]",
        "[{}]",
        json.dumps([{"idx": 0, "name": "0", "path": "", "type": "nowhere.Thing"}]),
        json.dumps(
            [
                {
                    "idx": 0,
                    "name": "0",
                    "path": "",
                    "type": "sentence_transformers.models.Transformer",
                }
            ]
        ),
    ],
)
def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path, modules: str) -> None:
    """Whatever `modules.json` says, the error is ours and names the folder."""
    (tmp_path / "modules.json").write_text(modules)
    assert str(tmp_path) in refused(SentenceTransformerEmbedder(str(tmp_path)))


@pytest.mark.parametrize("missing", ["model.safetensors", "config.json", "1_Pooling/config.json"])
def test_a_model_with_a_missing_file_is_refused(tmp_path: Path, missing: str) -> None:
    """A model that was copied in part is refused by its folder, and nothing is fetched."""
    folder = linked_model(tmp_path, without=missing)
    assert str(folder) in refused(SentenceTransformerEmbedder(str(folder)))


def test_nothing_is_read_before_the_first_use(tmp_path: Path) -> None:
    """Naming a model costs nothing: its weights may be damaged and nobody has noticed yet."""
    linked_model(tmp_path, without="model.safetensors")
    model = SentenceTransformerEmbedder(str(tmp_path))
    assert model.name == str(tmp_path)
    assert BuiltInEmbedder().name == BUILT_IN


# --- the digest ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["model.safetensors", "pytorch_model.bin", "vocab.txt", "config.json", "sub/x.model"]
)
def test_the_digest_changes_with_every_file_that_decides_a_vector(
    tmp_path: Path, name: str
) -> None:
    """Weights in either format, vocabulary and configuration, in the folder or below it."""
    (tmp_path / "modules.json").write_text("[]")
    digests = [SentenceTransformerEmbedder(str(tmp_path)).digest]
    (tmp_path / name).parent.mkdir(exist_ok=True)
    for content in ("one", "two"):
        (tmp_path / name).write_text(content)
        digests.append(SentenceTransformerEmbedder(str(tmp_path)).digest)
    assert len(set(digests)) == 3


def test_the_digest_is_of_the_contents_alone(tmp_path: Path) -> None:
    """The same files elsewhere, with other times and a readme, are the same model."""
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "modules.json").write_text("[]")
    (tmp_path / "other" / "README.md").write_text("Read me.")
    os.utime(tmp_path / "other" / "modules.json", (1, 1))
    one, other = (SentenceTransformerEmbedder(str(tmp_path / name)) for name in ("one", "other"))
    assert one.digest == other.digest
