"""The code in the delimiters of a prompt, which none of its texts can hold.

Each block of data stands between the lines `<evidence-CODE>` and `</evidence-CODE>`. The code is
taken from a digest over all texts of the prompt, so that whoever writes one of them cannot know
it; and should it stand in one by chance, the next one is taken. The same texts give the same code.
"""

import hashlib
from collections.abc import Sequence
from itertools import count

# 48 bits; short, as small models repeat and cut long ones
CODE_CHARS = 12


def code_for(texts: Sequence[str]) -> str:
    """Return `CODE_CHARS` hexadecimal digits that stand in none of the texts.

    `texts` are what the prompt holds between delimiters, in order, and can be encoded in UTF-8.
    """
    folded = [text.casefold() for text in texts]
    codes = (_digest(texts, attempt)[:CODE_CHARS] for attempt in count())
    return next(code for code in codes if not any(code in text for text in folded))


def _digest(texts: Sequence[str], attempt: int) -> str:
    digest = hashlib.sha256(attempt.to_bytes(8, "big"))
    for text in texts:
        data = text.encode()
        # the length keeps ("ab", "c") and ("a", "bc") apart
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
