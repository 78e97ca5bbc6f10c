"""What every reader model must do."""

from index.reading.model import Asked, ReaderModel
from index.reading.tokens import Line

ASKED = Asked(question="How is gout treated?", title="Gout in adults")
WINDOWS = [
    [
        Line(text="Gout in adults. Treatment", judged=False),
        Line(text="Colchicine is given for a week when gout is treated."),
        Line(text="Beer raises urate."),
    ],
    [Line(text="Gout in adults. Causes", judged=False), Line(text="Urate crystals.")],
    [Line(text="Nothing is judged here", judged=False)],
]


class ReaderModelContract:
    """Inherit, and give `model`."""

    model: ReaderModel

    def test_each_window_and_each_judged_line_gets_a_score(self) -> None:
        """In the order given; lines that are only read get none."""
        scores = self.model.read_windows(ASKED, WINDOWS)
        assert [len(one.units) for one in scores] == [2, 1, 0]
        assert all(isinstance(one.answers, float) for one in scores)

    def test_no_windows_are_no_scores(self) -> None:
        """An empty list is no error."""
        assert self.model.read_windows(ASKED, []) == []

    def test_the_same_question_gets_the_same_scores(self) -> None:
        """Asked again, and after another question."""
        first = self.model.read_windows(ASKED, WINDOWS)
        self.model.read_windows(Asked(question="Beer?"), WINDOWS)
        assert self.model.read_windows(ASKED, WINDOWS) == first

    def test_windows_are_read_alike_alone_and_together(self) -> None:
        """A neighbour moves no score by more than 0.002: a digit of what is kept of it."""
        together = self.model.read_windows(ASKED, WINDOWS)
        alone = [self.model.read_windows(ASKED, [window])[0] for window in WINDOWS]
        for one, other in zip(together, alone, strict=True):
            assert abs(one.answers - other.answers) <= 0.002
            for left, right in zip(one.units, other.units, strict=True):
                assert left is not None
                assert right is not None
                assert abs(left - right) <= 0.002

    def test_the_window_that_answers_comes_nearest(self) -> None:
        """Whatever stands around it; alone it is as near."""
        near = self.model.nearness(ASKED, WINDOWS)
        assert near[0] > max(near[1:])
        assert self.model.nearness(ASKED, WINDOWS[::-1]) == near[::-1]
        assert self.model.nearness(ASKED, WINDOWS[:1]) == near[:1]
        assert self.model.nearness(ASKED, []) == []

    def test_it_has_a_name_and_a_digest(self) -> None:
        """Provenance names the model by both."""
        assert self.model.name
        assert len(self.model.digest) == 64
