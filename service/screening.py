"""What is not a question about the sources, told from its words alone."""

import re
from collections.abc import Callable

from corpus.answers import RefusalReason
from index.lexical import terms

# Orders to the program and markup. Nothing that is asked is ever carried out; these are named
# so that the refusal can say what is wrong.
_INSTRUCTION = re.compile(
    # "ignore all previous instructions", but not "ignore a previous positive D-dimer"
    r"\b(?:ignore|disregard|forget|override|bypass)\b\W+(?:\w+\W+){0,4}?"
    r"(?:instructions?|prompts?|guardrails?|(?:safety|content) (?:filters?|rules)|"
    r"(?:your|these|those|the) (?:rules|sources|citations)|everything (?:above|before|you)|"
    r"above(?!-))\b"
    r"|\bsystem prompt\b|\bjailbreak|\bdeveloper mode\b|\byou are now\b"
    r"|\bpretend (?:that )?(?:to be|you)\b"
    r"|\b(?:reveal|print|show|repeat|output)\b (?:me )?(?:all )?(?:of )?(?:your|the)\b "
    r"(?:(?:hidden|system|initial|secret) (?:prompt|instructions)|prompt\b|api key|passwords?\b|"
    r"environment variables)"
    r"|\breveal your instructions\b"
    r"|<\s*/?\s*(?:script|iframe|img|svg|style|object)\b|\bjavascript:|\bonerror\s*="
    r"|\b(?:drop|truncate|alter)\s+(?:table|database)\b|\bdelete\s+from\s+\w+\s*(?:;|where\b|$)"
    r"|\binsert\s+into\s+\w+\s*(?:\(|values\b)|\bupdate\s+\w+\s+set\s+\w+\s*="
    r"|\bunion\s+(?:all\s+)?select\b|;\s*--|'\s*or\s*'?1'?\s*=\s*'?1|\$\{.*\}|\{\{.*\}\}|\brm\s+-rf\b",
    re.IGNORECASE | re.DOTALL,
)
_ASKS = re.compile(
    r"\?|\b(?:what|which|who|whom|when|where|why|how|is|are|was|were|do|does|did|can|could|should|"
    r"would|will|may|might|must|any|tell|explain|describe|list|compare|define|give|about)\b",
    re.IGNORECASE,
)


def screen(
    question: str, *, max_chars: int, is_known: Callable[[str], bool]
) -> RefusalReason | None:
    """Return why this is no question to look up, or None when it is one.

    `is_known` tells whether a stemmed term occurs anywhere in the library.
    """
    text = question.strip()
    if not text:
        return "empty"
    if len(text) > max_chars:
        return "too_long"
    if _INSTRUCTION.search(text):
        return "instruction"
    content = terms(text)
    if not any(any(c.isalpha() for c in term) for term in content):
        # "Why?" has no content word and still asks, when there is something to lean on
        return None if _ASKS.search(text) and re.search(r"[a-zA-Z]{3}", text) else "not_a_question"
    if not _ASKS.search(text) and not any(is_known(term) for term in content):
        return "not_a_question"
    return None
