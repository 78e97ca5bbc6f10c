import pytest

from corpus import errors
from corpus.errors import FileInputError, InputError, SequiturError


def test_every_error_has_one_root() -> None:
    """Whoever catches SequiturError catches everything that is raised on purpose."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert kinds
    assert all(issubclass(kind, SequiturError) for kind in kinds)
    assert issubclass(FileInputError, InputError)


@pytest.mark.parametrize(
    ("place", "message"),
    [("line 3", "a.md, line 3: not a date"), ("", "a.md: not a date")],
)
def test_a_file_error_names_file_place_and_reason(place: str, message: str) -> None:
    """The message is one line: file, place when there is one, reason."""
    error = FileInputError("a.md", "not a date", place=place)
    assert str(error) == message
    assert (error.name, error.place, error.reason) == ("a.md", place, "not a date")
