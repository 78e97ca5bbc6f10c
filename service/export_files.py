"""References as files for reference managers: BibTeX, RIS and CSL-JSON."""

import json
import re
from collections.abc import Mapping
from typing import Any

import rispy
from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Entry as BibtexEntry
from bibtexparser.model import Field

from corpus.names import PersonName
from service.export_entries import RETRACTED, Entry, entries_of

# What LaTeX acts on. "<" stays: any T1 or Unicode font prints it, and a reader that does not know
# \textless would turn "P < 0.05" into "P 0.05".
_LATEX = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    "`": r"{\textasciigrave}",
    **{character: f"\\{character}" for character in "#$%&_"},
}
# Marks that LaTeX joins: -- becomes a dash, '' a quotation mark.
_LIGATURE = re.compile(r"(?<=-)(?=-)|(?<=')(?=')|(?<=[?!])(?=`)|(?<=,)(?=,)")
_IN_URL = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"})
_BIBTEX_TYPE = {"article-journal": "article"}
_RIS_TYPE = {
    "article-journal": "JOUR",
    "report": "RPRT",
    "webpage": "ELEC",
    "document": "GEN",
}


class _RisWriter(rispy.RisWriter):  # type: ignore[misc]  # rispy has no types
    """Records without the running numbers, which strict readers stumble over."""

    def set_header(self, count: int) -> str:  # noqa: ARG002
        return ""


def bibtex(record: Mapping[str, Any], site: str = "") -> str:
    """Return the references as BibTeX in UTF-8, with LaTeX's own characters written out.

    `doi` and `url` stand as they are, as in every `.bib` file: their styles print them verbatim.
    """
    return write_string(Library([_bibtex_entry(entry) for entry in entries_of(record, site)]))


def ris(record: Mapping[str, Any], site: str = "") -> str:
    """Return the references as RIS; `AN` is the PMID, `C2` the PMCID."""
    entries = [_ris_entry(entry) for entry in entries_of(record, site)]
    return str(rispy.dumps(entries, implementation=_RisWriter)) if entries else ""


def csl_json(record: Mapping[str, Any], site: str = "") -> str:
    """Return the references as an array of CSL-JSON items."""
    items = [_csl_item(entry) for entry in entries_of(record, site)]
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"


def _bibtex_entry(entry: Entry) -> BibtexEntry:
    texts = {
        "title": entry.title,
        "journal": entry.journal,
        "volume": entry.volume,
        "number": entry.issue,
        "note": RETRACTED if entry.retracted else None,
        "pmid": entry.pmid,
        "pmcid": entry.pmcid,
    }
    fields = {name: _latex(value) for name, value in texts.items() if value}
    if "title" in fields:  # the inner braces keep a style from lowering COVID to covid
        fields["title"] = f"{{{fields['title']}}}"
    if entry.pages:
        fields["pages"] = "--".join(map(_latex, re.split("[-–]+", entry.pages)))
    if entry.authors:
        fields["author"] = " and ".join(map(_bibtex_name, entry.authors))
    for name, number in zip(("year", "month", "day"), entry.date, strict=False):
        fields[name] = str(number)
    for name, address in (("doi", entry.doi), ("url", entry.url)):
        if address and (name == "doi" or not entry.doi):
            fields[name] = address.translate(_IN_URL)
    kind = _BIBTEX_TYPE.get(entry.kind, "misc")
    in_order = [Field(key=name, value=fields[name]) for name in _FIELDS if name in fields]
    return BibtexEntry(entry_type=kind, key=entry.key, fields=in_order)


_FIELDS = "author title journal year month day volume number pages doi pmid pmcid url note".split()


def _bibtex_name(name: PersonName | str) -> str:
    if isinstance(name, str):
        return f"{{{_latex(name)}}}"
    return ", ".join(_latex(part) for part in (name.family, name.suffix, name.given) if part)


def _latex(text: str) -> str:
    parted = _LIGATURE.sub("\0", text)
    return "".join(_LATEX.get(character, character) for character in parted).replace("\0", "{}")


def _ris_entry(entry: Entry) -> dict[str, str | list[str]]:
    first, last = _page_ends(entry.pages)
    texts: dict[str, str | list[str] | None] = {
        "type_of_reference": _RIS_TYPE[entry.kind],
        "id": entry.key,
        "authors": [_ris_name(name) for name in entry.authors],
        "title": entry.title,
        "journal_name": entry.journal,
        "year": str(entry.date[0]) if entry.date else None,
        "date": "{}/{:02}/{:02}/".format(*entry.date) if len(entry.date) > 1 else None,
        "volume": entry.volume,
        "number": entry.issue,
        "start_page": first,
        "end_page": last,
        "doi": entry.doi,
        "accession_number": entry.pmid,
        "custom2": entry.pmcid,
        "urls": [entry.url] if entry.url and not entry.doi else [],
        "notes": [RETRACTED] if entry.retracted else [],
    }
    return {name: value for name, value in texts.items() if value}


def _ris_name(name: PersonName | str) -> str:
    if isinstance(name, str):
        # a comma would part a surname from a first name
        return name.replace(",", ";")
    return ", ".join(part for part in (name.family, name.given, name.suffix) if part)


def _page_ends(pages: str | None) -> tuple[str | None, str | None]:
    """Return first and last page, the last in full: `637-41` ends on 641."""
    ends = re.fullmatch(r"(\w+)\s?[-–]\s?(\w+)", pages or "")
    if ends is None:
        return pages, None
    first, last = ends.groups()
    if first.isdecimal() and last.isdecimal() and len(last) < len(first):
        last = first[: -len(last)] + last
    return first, last


def _csl_item(entry: Entry) -> dict[str, object]:
    values: dict[str, object] = {
        "id": entry.key,
        "type": entry.kind,
        "title": entry.title,
        "author": [_csl_name(name) for name in entry.authors],
        "container-title": entry.journal,
        "issued": {"date-parts": [list(entry.date)]} if entry.date else None,
        "volume": entry.volume,
        "issue": entry.issue,
        "page": entry.pages,
        "DOI": entry.doi,
        "PMID": entry.pmid,
        "PMCID": entry.pmcid,
        "URL": None if entry.doi else entry.url,
        "status": "retracted" if entry.retracted else None,
        "note": RETRACTED if entry.retracted else None,
    }
    return {name: value for name, value in values.items() if value}


def _csl_name(name: PersonName | str) -> dict[str, str]:
    if isinstance(name, str):
        return {"literal": name}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
    return {part: value for part, value in parts.items() if value}
