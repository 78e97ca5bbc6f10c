"""Records that are made by hand, and given to a page in place of the server's answer."""

import json
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Page, Route

from corpus.answers import Nearest, Refusal
from corpus.library import Library
from service.wire import Record, answer_record
from tests.e2e.library import SIGNS
from tests.service.made_answers import made_answer

CITING = "Clubbing of the fingers appears in bronchiectasis, not in 10% but in 40 mg/kg of cases."
ITEM = "🎵 crackles at the 🫁 bases point to fibrosis"
LEAD_IN = "The stethoscope 🩺 adds further signs:"


def partial_answer(library: Library) -> Record:
    """Return an answer to a part of a question, from a sentence that cites two papers."""
    return answer_record(
        made_answer(library, (SIGNS, CITING), confidence=0.8, missing=("children", "the dose"))
    )


def near_miss(library: Library) -> Record:
    """Return a refusal with a list item, a sentence beside it, and an abstract's."""
    text = library.document(SIGNS).text

    def near(quote: str, *lead_ins: str) -> Nearest:
        start = text.index(quote)
        return Nearest(
            document_id=SIGNS,
            passage_id=f"{SIGNS}@0-{len(text)}",
            quote=quote,
            score=0.5,
            title=library.document(SIGNS).title,
            section="Hands and ears",
            start=start,
            end=start + len(quote),
            lead_ins=lead_ins,
        )

    abstract = library.document("pmid:1761")
    other = Nearest(
        document_id="pmid:1761",
        passage_id=f"pmid:1761@0-{len(abstract.text)}",
        quote=abstract.text,
        score=0.4,
        title=abstract.title,
    )
    refusal = Refusal(
        reason="not_in_these_sources",
        message="These sources deal with the subject, but no sentence was found that answers this.",
        nearest=(near(ITEM, LEAD_IN), near(CITING), other),
    )
    made = made_answer(library, (SIGNS, ITEM), confidence=0.2, refusal=refusal)
    return answer_record(made) | {"statements": [], "references": [], "cited": []}


def give(page: Page, record: Record) -> None:
    """Let every question of the page be answered by this record."""

    def answered(route: Route) -> None:
        question = json.loads(route.request.post_data or "{}")["question"]
        done = {**record, "question": question, "standalone_question": question}
        events = [("retrieval", {"documents": [], "passages": []})]
        events += [("statement", {**one, "references": []}) for one in record["statements"]]
        body = "".join(_event(name, data) for name, data in [*events, ("done", done)])
        route.fulfill(status=200, content_type="text/event-stream", body=body)

    page.route("**/v1/articles/*/questions", answered)


def _event(name: str, data: Mapping[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
