"""What a section's path adds to the title and to the line before."""

import pytest

from service.section_paths import news_of

# path, title, the line before, what is shown; tests/e2e asks the widget the same
PATHS: list[tuple[str | None, str, str | None, str]] = [
    (None, "Gout", None, ""),
    ("", "Gout", None, ""),
    ("Care", "Gout", None, "Care"),
    ("Gout > Care", "Gout", None, "Care"),
    ("GOUT > Care", "gout", None, "Care"),
    ("Gout", "Gout", None, ""),
    ("Care > Attack", "Gout", None, "Care > Attack"),
    ("Care > Attack", "Gout", "Care > Attack", ""),
    ("Care > Relapse", "Gout", "Care > Attack", "… > Relapse"),
    ("Gout > Care > Relapse", "Gout", "Gout > Care > Attack", "… > Relapse"),
    ("Gout > Diet", "Gout", "Gout > Care", "Diet"),
    ("Care", "Gout", "Care > Attack", "Care"),
    ("A > B", "Gout", "A > B > C", "… > B"),
    ("A > B > C", "Gout", "A > B", "… > C"),
    ("A > B > C", "Gout", "A", "… > B > C"),
    ("Diet", "Gout", "Care > Attack", "Diet"),
    ("Age > 65 > Dose", "", "Age > 65", "… > Dose"),
]


@pytest.mark.parametrize(("section", "title", "before", "news"), PATHS)
def test_only_what_is_new_is_shown(
    section: str | None, title: str, before: str | None, news: str
) -> None:
    """The title and what the line before said go; the innermost section of a new path stays."""
    assert news_of(section, title=title, before=before) == news
