import json
from pathlib import Path

import pytest

from corpus.errors import IndexingError
from corpus.library import Library
from corpus.records import passages_of
from index import saved
from index.dense import DenseIndex
from index.lexical import LexicalIndex
from index.retriever import HybridRetriever, Query
from index.saved import build_index, indexed_text, load_index
from tests.fakes import RecordingEmbedder, article_of, contents, document_of, heading, item
from tests.index.looking import QUESTIONS, answers, generation, refused

# --- what is indexed ----------------------------------------------------------------------------


def test_a_passage_is_indexed_behind_its_context() -> None:
    """Title, section path and lead-ins stand before the text, each only where there is one."""
    drafts = (heading("Causes"), heading("Drugs", 2), "It may be:", item("Interferon"))
    (whole,) = passages_of(document_of("d", *drafts, title="Lungs"))
    assert indexed_text(whole) == "Lungs > Causes > Drugs\nIt may be:\nInterferon"
    (led_in,) = passages_of(document_of("d", heading("Drugs"), item("Interferon"), title="Lungs"))
    assert indexed_text(led_in) == "Lungs > Drugs\nDrugs\nInterferon"
    (bare,) = passages_of(document_of("d", "It fell.", title="d"))
    assert indexed_text(bare) == "It fell."


# --- build, load, answer ------------------------------------------------------------------------


def test_what_is_loaded_answers_as_what_was_built(library: Library) -> None:
    """Hits with ids, texts and scores are those of an index that never saw a disk."""
    embedder = RecordingEmbedder()
    report = build_index(library, embedder)
    passages = library.passages()
    assert (report.passages, report.embedded, report.reused) == (len(passages), len(passages), 0)
    assert report.changed is True
    found = [indexed_text(p) for p in passages]
    dense = DenseIndex.build(embedder.embed_batch(found))
    fresh = HybridRetriever(passages, LexicalIndex.build(found), dense, embedder)
    assert answers(library) == [fresh.retrieve(Query(own=q)).hits for q in QUESTIONS]


def test_the_manifest_says_what_the_index_was_built_from(library: Library) -> None:
    """Format, version, model, dimension, size and corpus, and a fingerprint of all of it."""
    embedder = RecordingEmbedder()
    build_index(library, embedder)
    manifest = load_index(library, embedder).manifest
    assert (manifest.format, manifest.version) == ("sequitur-index", saved.VERSION)
    assert (manifest.model, manifest.model_digest) == (embedder.name, embedder.digest)
    assert (manifest.dimension, manifest.passages) == (64, len(library.passages()))
    assert manifest.corpus_fingerprint == library.fingerprint
    library.put(documents=[document_of("new", "New.")])
    build_index(library, embedder)
    assert load_index(library, embedder).manifest.fingerprint != manifest.fingerprint


def test_a_second_build_does_nothing(library: Library) -> None:
    """Nothing changed: no text is embedded and no byte is written."""
    build_index(library, RecordingEmbedder())
    before = contents(library.folder)
    embedder = RecordingEmbedder()
    report = build_index(Library(library.folder), embedder)
    assert embedder.texts == []
    assert (report.changed, report.embedded) == (False, 0)
    assert report.passages == report.reused == len(library.passages())
    assert contents(library.folder) == before


def test_only_what_changed_is_embedded(library: Library) -> None:
    """One section of one article is rewritten: its passage alone goes to the model."""
    build_index(library, RecordingEmbedder())
    library.put(
        articles=[
            article_of(
                "gout",
                heading("Causes"),
                "Urate crystals settle in the kidneys too.",
                heading("Treatment"),
                "Colchicine works within a day:",
                item("one tablet at once"),
                item("another tablet after an hour"),
            )
        ]
    )
    embedder = RecordingEmbedder()
    report = build_index(library, embedder)
    assert embedder.texts == ["On gout > Causes\nUrate crystals settle in the kidneys too."]
    assert (report.embedded, report.reused) == (1, len(library.passages()) - 1)
    assert any("kidneys" in hit.passage.text for hits in answers(library) for hit in hits)


def test_the_index_after_a_change_is_the_one_built_anew(library: Library, tmp_path: Path) -> None:
    """Reused vectors stand at the right passages: no answer differs from a fresh build's."""
    build_index(library, RecordingEmbedder())
    library.delete_article("fever")
    library.put(documents=[document_of("aaa", "Aspirin lowers urate at high doses.")])
    build_index(library, RecordingEmbedder())
    fresh = Library.create(tmp_path / "fresh")
    fresh.put(
        articles=library.articles(),
        documents=[d for d in library.documents() if d.kind != "article"],
    )
    build_index(fresh, RecordingEmbedder())
    assert answers(library) == answers(fresh)


def test_deleted_text_is_gone(library: Library) -> None:
    """What was deleted is neither found nor stored in the index in use, and later nowhere."""
    build_index(library, RecordingEmbedder())
    assert b"Paracetamol" in b"".join(contents(library.folder).values())
    library.delete_article("fever")
    build_index(library, RecordingEmbedder())
    hits = [hit for found in answers(library) for hit in found]
    assert hits
    assert not any("Paracetamol" in hit.passage.text for hit in hits)
    assert b"Paracetamol" not in b"".join(contents(generation(library)).values())
    library.put(documents=[document_of("new", "New.")])
    build_index(library, RecordingEmbedder())
    assert b"Paracetamol" not in b"".join(contents(library.folder).values())


def test_old_indexes_do_not_pile_up(library: Library) -> None:
    """However often it is rebuilt, at most the index in use and the one before it are kept."""
    for n in range(4):
        library.put(documents=[document_of("new", f"New {n}.")])
        build_index(library, RecordingEmbedder())
    folders = [path for path in (library.folder / "index").iterdir() if path.is_dir()]
    assert len(folders) <= 2
    assert generation(library) in folders


def test_equal_texts_are_embedded_once(tmp_path: Path) -> None:
    """Passages that read alike share a vector, and each is found."""
    library = Library.create(tmp_path)
    library.put(documents=[document_of(key, "It fell.", title="T") for key in "abc"])
    embedder = RecordingEmbedder()
    report = build_index(library, embedder)
    assert (len(embedder.texts), report.embedded, report.reused) == (1, 1, 2)
    assert [hit.passage.document_id for hit in answers(library)[0]] == ["a", "b", "c"]


def test_progress_counts_every_embedded_passage(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Called after each batch, it adds up to what the report says."""
    monkeypatch.setattr(saved, "EMBED_AT_ONCE", 2)
    seen: list[int] = []
    report = build_index(library, RecordingEmbedder(), progress=seen.append)
    assert sum(seen) == report.embedded
    assert len(seen) == -(-report.embedded // 2)


def test_an_empty_library_cannot_be_indexed(tmp_path: Path) -> None:
    """There is nothing to index, and nothing is written."""
    library = Library.create(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(IndexingError, match="empty"):
        build_index(library, RecordingEmbedder())
    assert contents(tmp_path) == before


# --- refused indexes ----------------------------------------------------------------------------


def test_a_library_without_an_index_says_how_to_make_one(library: Library) -> None:
    """No index is an error that names the command."""
    assert "no index" in refused(library)


def test_an_index_of_another_corpus_is_refused_with_both_fingerprints(library: Library) -> None:
    """After a change of the library the old index answers nothing; going back, it does again."""
    build_index(library, RecordingEmbedder())
    reference, before = answers(library), library.fingerprint
    zinc = library.document("alone")
    library.put(documents=[document_of("alone", "Zinc tastes bad.")])
    message = refused(library)
    assert before in message
    assert library.fingerprint in message
    library.put(documents=[zinc])
    assert answers(library) == reference


def test_an_index_of_another_model_is_refused_with_both_digests(library: Library) -> None:
    """Vectors of two models never meet; building with the other model embeds everything."""
    build_index(library, RecordingEmbedder())
    message = refused(library, "other")
    assert RecordingEmbedder().digest in message
    assert RecordingEmbedder("other").digest in message
    report = build_index(library, RecordingEmbedder("other"))
    assert report.embedded == len(library.passages())
    assert answers(library, "other")
    assert RecordingEmbedder("other").digest in refused(library)


@pytest.mark.parametrize(
    ("change", "found"), [({"version": 99}, "99"), ({"format": "recipes"}, "recipes")]
)
def test_another_format_or_version_is_refused_with_both_values(
    library: Library, change: dict[str, object], found: str
) -> None:
    """The message says what was expected and what is there; a build replaces it."""
    build_index(library, RecordingEmbedder())
    path = generation(library) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    message = refused(library)
    assert f"sequitur-index version {saved.VERSION}" in message
    assert found in message
    assert build_index(library, RecordingEmbedder()).changed
    assert answers(library)


def test_an_index_by_other_word_rules_is_refused(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stems and synonyms of another version would not meet the question's; a build mends it."""
    build_index(library, RecordingEmbedder())
    monkeypatch.setattr(saved, "rules_digest", lambda: "f" * 64)
    assert "f" * 64 in refused(library)
    embedder = RecordingEmbedder()
    assert build_index(library, embedder).changed
    assert embedder.texts == []
    assert answers(library)
