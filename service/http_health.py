"""How the server is: alive, ready, and what it serves from; for people, balancers and monitors."""

from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse

from service.http_reception import Reception
from service.pages import AtReception
from service.wire import Record

# Prometheus' text format; https://prometheus.io/docs/instrumenting/exposition_formats/
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"

router = APIRouter(include_in_schema=False)


@router.api_route("/healthz", methods=["GET", "HEAD"])
async def healthz() -> JSONResponse:
    """Say that the process answers, loaded or not."""
    return JSONResponse({"status": "ok"})


@router.api_route("/readyz", methods=["GET", "HEAD"])
async def readyz(reception: AtReception) -> JSONResponse:
    """Say whether questions can be asked, and of which texts; 503 until then, or for ever."""
    return JSONResponse({"status": "ready", **served(reception)})


@router.get("/metrics")
async def metrics(reception: AtReception) -> PlainTextResponse:
    """Count for a monitor; nothing of what is asked can be told from it."""
    text = "".join(f"{line}\n" for line in metric_lines(reception))
    return PlainTextResponse(text, media_type=METRICS_TYPE)


def served(reception: Reception) -> Record:
    """Return what is served and how it came into use; raises ProblemError while nothing is."""
    made, swaps = reception.assistant.provenance, reception.swaps
    return {
        "corpus_fingerprint": made.corpus_fingerprint,
        "index_fingerprint": made.index_fingerprint,
        "opened": swaps.opened.isoformat(timespec="seconds") if swaps else None,
        "swaps": swaps.done if swaps else 0,
        # why what lies on the disk is not what is served; null when it is
        "behind": swaps.behind if swaps else None,
    }


def metric_lines(reception: Reception) -> Iterator[str]:
    """Yield the lines of the metrics; before anything is loaded, only that it is not."""
    swaps = reception.swaps
    yield from _metric("ready", "gauge", "Whether questions can be asked.", int(swaps is not None))
    if swaps is None:
        return
    made = reception.assistant.provenance
    named = (
        f'{{corpus_fingerprint="{made.corpus_fingerprint}",'
        f'index_fingerprint="{made.index_fingerprint}"}}'
    )
    yield from _metric("index_info", "gauge", "The texts and the index in use.", 1, named)
    opened = int(swaps.opened.timestamp())
    yield from _metric("index_opened_seconds", "gauge", "When they came into use.", opened)
    yield from _metric("index_swaps_total", "counter", "Exchanges for a newer index.", swaps.done)
    refused = "Newer indexes or texts that could not be opened."
    yield from _metric("index_swaps_refused_total", "counter", refused, swaps.refused)
    behind = "Whether what lies on the disk is not what is served."
    yield from _metric("index_behind", "gauge", behind, int(swaps.behind is not None))


def _metric(name: str, kind: str, told: str, value: int, labels: str = "") -> Iterator[str]:
    yield f"# HELP sequitur_{name} {told}"
    yield f"# TYPE sequitur_{name} {kind}"
    yield f"sequitur_{name}{labels} {value}"
