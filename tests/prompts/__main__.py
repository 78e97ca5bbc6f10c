"""Write the golden files anew, on purpose: `python -m tests.prompts`."""

from tests.prompts.cases import GOLDEN, cases, printed


def main() -> None:
    """Replace all golden files by what the templates give now."""
    for path in GOLDEN.glob("*.txt"):
        path.unlink()
    for name, messages in cases():
        (GOLDEN / f"{name}.txt").write_text(printed(messages), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
