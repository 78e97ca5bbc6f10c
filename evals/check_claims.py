"""`sequitur check-claims`: claims through the checks that a written sentence goes through.

A line of the file holds `id`, `claim`, `title`, `evidence` (units with `section`, `introduced_by`
and `text`), `supported` and `kind`. No model writes, and nothing is asked of the network.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.errors import FileInputError
from corpus.library import write_json
from evals.files import refuse_unwritable
from evals.measures import auroc

if TYPE_CHECKING:
    from index.reading.lines import Placed
    from service.writing.checking import Checks, Judgement

AT_ONCE = 64
PLACES = 4
Record = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A sentence with the units that it must be held against, and whether they say so."""

    claim_id: str
    text: str
    evidence: "tuple[Placed, ...]"
    supported: bool
    kind: str


@click.command("check-claims")
@click.argument("claims", metavar="FILE.jsonl", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="OUT",
    help="Write the whole result there.",
)
def check_claims(claims: Path, *, json_file: Path | None) -> None:
    """Hold the claims of FILE.jsonl against their evidence, as written sentences are."""
    from index.reading.checker import BuiltInChecker
    from service.writing.checking import Checks

    refuse_unwritable(json_file)
    read = read_claims(claims)
    checks = Checks(BuiltInChecker())
    result = measured(read, judgements(read, checks), judgements(elsewhere(read), checks))
    if json_file is not None:
        write_json(json_file, result)
    click.echo("\n".join(table(result)))


def read_claims(path: Path) -> list[Claim]:
    """Return the claims of a file; raises FileInputError naming a bad line."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # texts hold other ends of lines
    except (OSError, UnicodeDecodeError) as error:
        raise FileInputError(str(path), "cannot be read as UTF-8 text") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found.append(_claim(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                reason = f"not a claim ({type(error).__name__}: {error})"
                raise FileInputError(str(path), reason, place=f"line {number}") from error
    if not found:
        raise FileInputError(str(path), "holds no claim")
    return found


def _claim(row: Mapping[str, Any]) -> Claim:
    from index.reading.lines import Placed

    title = str(row.get("title", ""))
    evidence = tuple(
        Placed(
            text=str(unit["text"]),
            title="" if title.startswith("(") else title,
            section=str(unit.get("section") or ""),
            introduced_by=tuple(map(str, unit.get("introduced_by") or ())),
        )
        for unit in row["evidence"]
    )
    if not evidence or not isinstance(row["supported"], bool):
        raise ValueError("a claim needs evidence, and whether it is supported")
    return Claim(
        claim_id=str(row["id"]),
        text=str(row["claim"]),
        evidence=evidence,
        supported=row["supported"],
        kind=str(row.get("kind", "")),
    )


def judgements(claims: Sequence[Claim], checks: "Checks") -> "list[Judgement]":
    """Return what the checks make of each claim, in order."""
    found: list[Judgement] = []
    for start in range(0, len(claims), AT_ONCE):
        some = claims[start : start + AT_ONCE]
        found += checks.judge_placed([(claim.text, claim.evidence) for claim in some])
    return found


def elsewhere(claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims, each with the evidence of one in the other half of the list.

    What is told of them is told by their style alone: it should be nothing, an AUROC of 0.5.
    """
    away = len(claims) // 2
    return [
        replace(claim, evidence=claims[(place + away) % len(claims)].evidence)
        for place, claim in enumerate(claims)
    ]


def measured(
    claims: Sequence[Claim], judged: "Sequence[Judgement]", apart: "Sequence[Judgement]"
) -> Record:
    """Return how well true claims are told from false ones, over all and by kind.

    A kind of true claims is compared with all false ones, a kind of false ones with all true ones.
    `judged` are the claims' judgements, `apart` those of the claims `elsewhere`.
    """
    pairs = list(zip(claims, judged, strict=True))
    kinds = {}
    for kind in sorted({claim.kind for claim in claims}):
        own = [p for p in pairs if p[0].kind == kind]
        sides = {claim.supported for claim, _ in own}
        others = [p for p in pairs if p[0].supported not in sides]
        kinds[kind] = {"n": len(own), "auroc": _auroc([*own, *others]), "shown": _shown(own)}
    return {
        "n": len(claims),
        "auroc": _auroc(pairs),
        "auroc_elsewhere": _auroc(list(zip(claims, apart, strict=True))),
        "by_kind": kinds,
        "shown_when_supported": _shown([p for p in pairs if p[0].supported]),
        "shown_when_not": _shown([p for p in pairs if not p[0].supported]),
        "per_claim": [
            {
                "id": claim.claim_id,
                "score": judgement.support,
                "shown": judgement.holds,
                "why": list(judgement.faults),
            }
            for claim, judgement in pairs
        ],
    }


def _auroc(pairs: "Sequence[tuple[Claim, Judgement]]") -> float | None:
    area = auroc([claim.supported for claim, _ in pairs], [said.support for _, said in pairs])
    return None if area is None else round(area, PLACES)


def _shown(pairs: "Sequence[tuple[Claim, Judgement]]") -> float | None:
    if not pairs:
        return None
    return round(sum(said.holds for _, said in pairs) / len(pairs), PLACES)


def table(result: Record) -> Iterator[str]:
    """Give the lines of a table: all claims, then each kind."""
    yield f"{'claims':<12}{'n':>6}{'AUROC':>8}{'shown':>8}"
    yield _row("true", None, None, result["shown_when_supported"])
    yield _row("false", None, None, result["shown_when_not"])
    yield _row("all", result["n"], result["auroc"], None)
    for kind, row in result["by_kind"].items():
        yield _row(kind or "-", row["n"], row["auroc"], row["shown"])
    yield f"against units of other claims the AUROC is {_told(result['auroc_elsewhere'])}"


def _row(name: str, count: int | None, area: float | None, shown: float | None) -> str:
    return f"{name:<12}{'' if count is None else count:>6}{_told(area):>8}{_told(shown):>8}"


def _told(share: float | None) -> str:
    return "" if share is None else f"{share:.3f}"
