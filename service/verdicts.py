"""What the cited text says of a sentence."""

from enum import StrEnum


class Verdict(StrEnum):
    """What the cited evidence says of a sentence; only a supported one may be shown."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    CONTRADICTED = "contradicted"
    NOT_FOUND = "not_found"
