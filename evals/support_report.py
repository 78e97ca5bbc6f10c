"""The figures of `evals.support` as tables for a terminal."""

from collections.abc import Iterator
from typing import Any

from evals.support_cases import LABELS

Figures = dict[str, Any]
COLUMN = 12
HEAD = 34


def table(result: Figures) -> Iterator[str]:
    """Give the lines of all tables: the claims, then each set."""
    yield f"support model: {result['model'] or 'none, rules only'}"
    for given, compared in (result["claims"] or {}).items():
        yield from _claims(given, compared)
    for name, compared in result["sets"].items():
        yield from _changes(name, compared)


def _claims(given: str, compared: Figures) -> Iterator[str]:
    n = next(iter(compared.values()))["n"]
    yield ""
    yield _row(f"claims, {given.replace('_', ' ')} ({n})", ("macro-F1", "AUROC"))
    for system, figures in compared.items():
        yield _row(f"  {system}", (_share(figures["macro_f1"]), _share(figures["auroc"])))
    for system, figures in compared.items():
        yield _row(f"  {system}: label \\ verdict", [label[:10].lower() for label in LABELS])
        for gold, said in figures["confusion"].items():
            yield _row(f"    {gold.lower()}", [str(said[label]) for label in LABELS])


def _changes(name: str, compared: Figures) -> Iterator[str]:
    first = next(iter(compared.values()))
    yield ""
    yield _row(name, ("n", *compared))
    cells = [_share(figures["verbatim"]["lost"]) for figures in compared.values()]
    yield _row("  true, verbatim: lost", (str(first["verbatim"]["n"]), *cells))
    for group, figure, title in (
        ("varied", "lost", "true, varied: lost"),
        ("changed", "caught", "changed: caught"),
    ):
        yield f"  {title}"
        for kind, row in first[group].items():
            cells = [_share(figures[group][kind][figure]) for figures in compared.values()]
            yield _row(f"    {kind}", (str(row["n"]), *cells))


def _row(head: str, cells: list[str] | tuple[str, ...]) -> str:
    return f"{head:<{HEAD}}" + "".join(f"{cell:>{COLUMN}}" for cell in cells)


def _share(value: float | None) -> str:
    return "-" if value is None else format(value, ".3f")
