"""How well a verifier tells what evidence supports: `python -m evals.support`.

Two measures. Claims that people labelled: macro-F1, the confusion table, and how well supported
claims are ranked above the rest, with the deciding sentences given and with the whole abstract in
which they must be found. And sentences of a corpus with one fact changed: how many are caught, and
how many true sentences, verbatim or lightly varied, are lost. Each for the rules alone, the model
alone and both, so that one sees what either adds.
"""

import random
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import InputError, SequiturError
from corpus.library import write_json
from corpus.records import Document
from evals.files import refuse_unwritable
from evals.support_cases import Claim, documents_of, passage_of, read_claims, trials_of
from evals.support_figures import Figures, Verifies, change_figures, claim_figures, systems

if TYPE_CHECKING:
    from index.support_model import SupportModel


@click.command()
@click.option("--claims", type=click.Path(path_type=Path), help="File of labelled claims.")
@click.option(
    "--set",
    "sets",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of an evaluation set whose sentences are changed. May be repeated.",
)
@click.option("--sample", is_flag=True, help="Change sentences of the built-in sample.")
@click.option(
    "--limit",
    default=500,
    show_default=True,
    type=click.IntRange(min=1),
    help="Most claims, and most sentences of a set.",
)
@click.option("--seed", default=0, show_default=True, help="Decides what is drawn and changed.")
@click.option("--rules-only", is_flag=True, help="Leave the support model out.")
@click.option(
    "--supported-at",
    type=click.FloatRange(0, 1),
    help="The model's probability from which on a sentence is supported. Default: what answers "
    "are held to.",
)
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write figures."
)
def main(
    *,
    claims: Path | None,
    sets: Sequence[Path],
    sample: bool,
    limit: int,
    seed: int,
    rules_only: bool,
    supported_at: float | None,
    json_file: Path | None,
) -> None:
    """Measure the verifier on labelled claims and on sentences with one fact changed."""
    from evals.support_report import table

    try:
        refuse_unwritable(json_file)
        if claims is None and not sets and not sample:
            raise InputError("nothing to measure: give --claims, --set or --sample")
        result = measured(
            read_claims(claims) if claims is not None else (),
            _corpora(sets, sample=sample),
            None if rules_only else built_in_model(),
            limit=limit,
            seed=seed,
            supported_at=supported_at,
        )
        if json_file is not None:
            write_json(json_file, result)
    except SequiturError as error:
        click.echo(f"support: {error}", err=True)
        sys.exit(2)
    click.echo("\n".join(table(result)))


def built_in_model() -> "SupportModel":
    """Return the support model that comes with the install; raises ModelError."""
    from index.support_model import MiniLMSupport

    return MiniLMSupport()


def measured(
    claims: Sequence[Claim],
    corpora: dict[str, tuple[Document, ...]],
    model: "SupportModel | None",
    *,
    limit: int,
    seed: int,
    supported_at: float | None = None,
) -> Figures:
    """Return the whole result; at most `limit` claims, and sentences of each corpus, are read.

    Raises what the model raises.
    """
    result: Figures = {
        "model": None if model is None else f"{model.name}@{model.digest[:16]}",
        "seed": seed,
        "limit": limit,
        "supported_at": supported_at,
        "claims": None,
        "sets": {},
    }
    compared = partial(systems, model, supported_at=supported_at)
    if claims:
        result["claims"] = _claims_measured(_drawn(claims, limit, seed), compared)
    for name, documents in corpora.items():
        trials = tuple(trials_of(documents, limit=limit, seed=seed))
        result["sets"][name] = {
            system: change_figures(trials, verifier)
            for system, verifier in compared(documents).items()
        }
    return result


def _drawn(claims: Sequence[Claim], limit: int, seed: int) -> list[Claim]:
    rng = random.Random(seed)  # noqa: S311 - no secret
    chosen = rng.sample(range(len(claims)), min(limit, len(claims)))
    return [claims[place] for place in sorted(chosen)]


def _claims_measured(
    claims: Sequence[Claim], compared: Callable[[Sequence[Document]], dict[str, Verifies]]
) -> Figures:
    verifiers = compared([passage_of(claim.sentences).document for claim in claims])
    return {
        given: {
            name: claim_figures(claims, verifier, whole=whole)
            for name, verifier in verifiers.items()
        }
        for given, whole in (("gold_sentences", False), ("whole_abstract", True))
    }


def _corpora(sets: Sequence[Path], *, sample: bool) -> dict[str, tuple[Document, ...]]:
    found = {folder.resolve().name: documents_of(folder) for folder in sets}
    if sample:
        with resources.as_file(resources.files("corpus") / "sample" / "articles") as folder:
            found["sample"] = documents_of(folder)
    return found


if __name__ == "__main__":
    main()
