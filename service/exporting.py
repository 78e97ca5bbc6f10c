"""A saved answer in other formats: a text to paste, or its references for a reference manager.

Everything comes from the answer record alone, so that an answer can be exported long after the
library has changed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from corpus.errors import InputError
from service.export_files import bibtex, csl_json, ris
from service.export_texts import markdown, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file made from an answer: its text (to be sent as UTF-8), type, and a safe ASCII name."""

    body: str
    media_type: str
    file_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFormat:
    """How a format is written, from a record and the address of the site, and what it is called."""

    write: Callable[[Mapping[str, Any], str], str]
    media_type: str
    extension: str


FORMATS: Mapping[str, ExportFormat] = {
    "vancouver": ExportFormat(write=plain, media_type="text/plain", extension="txt"),
    "markdown": ExportFormat(write=markdown, media_type="text/markdown", extension="md"),
    "bibtex": ExportFormat(write=bibtex, media_type="application/x-bibtex", extension="bib"),
    "ris": ExportFormat(
        write=ris, media_type="application/x-research-info-systems", extension="ris"
    ),
    "csl-json": ExportFormat(
        write=csl_json, media_type="application/vnd.citationstyles.csl+json", extension="json"
    ),
}


def export(record: Mapping[str, Any], format: str, *, site: str = "") -> Export:  # noqa: A002
    """Return an answer record in one of FORMATS; raises InputError naming them for any other.

    `site` (`https://example.org`) completes the addresses of our own articles and of the answer;
    without it they are left out, because a relative address means nothing in a file.
    """
    chosen = FORMATS.get(format)
    if chosen is None:
        raise InputError(f"no export format {format[:40]!a} (known: {', '.join(FORMATS)})")
    answer = re.sub(r"[^A-Za-z0-9]", "", str(record.get("answer_id") or ""))[:12]
    return Export(
        body=chosen.write(record, site),
        media_type=chosen.media_type,
        file_name=f"sequitur-{answer or 'answer'}.{chosen.extension}",
    )
