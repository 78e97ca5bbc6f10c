"""Small files of data, made by hand."""

import json
from pathlib import Path
from typing import Any


def written(path: Path, *rows: Any) -> Path:
    """Write rows as JSON lines."""
    path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), "utf-8")
    return path
