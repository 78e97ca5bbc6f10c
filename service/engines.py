"""What answers: from what was found and read to statements with their citations."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from corpus.answers import Audience, Source, Statement, Struck
from corpus.library import Library
from corpus.records import Article
from index.reading.reading import Evidence
from index.retriever import Hit, Query
from service.observing import Observer
from service.settings import Settings, require_endpoint
from service.wording import Wordings

if TYPE_CHECKING:
    from service.llm import OpenAIModel

SPENDING_FILE = "language-model-spending.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A question whose evidence was found good enough to be answered from.

    `article` is the one asked within, None for the whole library. `hits` are best first; `evidence`
    is what was read in them. `quotable` tells that it answers well enough to be quoted, `sure` that
    it does so almost certainly.
    """

    query: Query
    audience: Audience
    article: Article | None
    hits: tuple[Hit, ...]
    evidence: Evidence
    quotable: bool = True
    sure: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What an engine made: at least one statement, with the sources that they cite.

    `notices` tell the reader how it came about; `struck` are sentences that are not shown.
    """

    statements: tuple[Statement, ...]
    sources: tuple[Source, ...]
    notices: tuple[str, ...] = ()
    struck: tuple[Struck, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """That an engine holds that the evidence does not answer; `struck` as in `Composed`."""

    struck: tuple[Struck, ...] = ()


class AnswerEngine(Protocol):
    """Composes answers; may be used by several threads."""

    @property
    def name(self) -> str:
        """The engine's name, as the setting has it."""
        ...

    @property
    def models(self) -> Mapping[str, str]:
        """The models that it uses beside those that read, for the provenance."""
        ...

    @property
    def prompts(self) -> Mapping[str, str]:
        """The digests of what it says to a model, for the provenance."""
        ...

    @property
    def reads_near(self) -> bool:
        """Whether it is to see evidence that is near to answering, and may itself decline."""
        ...

    def compose(self, asked: Asking, observer: Observer) -> Composed | NoAnswer:
        """Return the answer; `observer` is told each statement as soon as it is final.

        Raises what the observer raises, after it has let go of whatever it had in hand.
        """
        ...


@runtime_checkable
class Movable(Protocol):
    """An engine that reads a library's texts, and can go over to another one."""

    def over(self, library: Library, wordings: Wordings) -> AnswerEngine:
        """Return the same engine, models and counts included, over another library."""
        ...


@runtime_checkable
class Stoppable(Protocol):
    """An observer that can also be asked whether anybody still waits."""

    def check(self) -> None:
        """Go on, or raise what ends the work."""
        ...


def open_engine(settings: Settings, library: Library, wordings: Wordings) -> AnswerEngine:
    """Return the engine that the settings name; raises SettingsError or ModelError."""
    # these modules import this one
    from service.engine_extractive import ExtractiveEngine

    quoting = ExtractiveEngine(library, wordings, max_statements=settings.max_statements)
    if settings.engine == "extractive":
        return quoting
    from index.reading.checker import BuiltInChecker  # the weights are read at the first use
    from service.writing.checking import Checks
    from service.writing.engine import GenerativeEngine, Limits
    from service.writing.judging import ModelJudge

    judge = ModelJudge(open_model(settings.judging())) if settings.judge_model else None
    return GenerativeEngine(
        library,
        wordings,
        model=open_model(settings),
        checks=Checks(BuiltInChecker(), judge=judge),
        quoting=quoting,
        limits=Limits.of(settings),
    )


def moved(engine: AnswerEngine, library: Library, wordings: Wordings) -> AnswerEngine:
    """Return an engine over another library; one that knows no library stays as it is."""
    return engine.over(library, wordings) if isinstance(engine, Movable) else engine


def open_model(settings: Settings) -> "OpenAIModel":
    """Return the language model that the settings lead to; raises SettingsError."""
    from service.llm import OpenAIModel
    from service.llm_endpoint import Endpoint, Pace
    from service.llm_spending import Allowance, Spending

    require_endpoint(settings)
    allowance = Allowance(
        daily_tokens=settings.llm_daily_tokens,
        daily_cost=settings.llm_daily_cost,
        price_input=settings.llm_price_input,
        price_output=settings.llm_price_output,
    )
    return OpenAIModel(
        Endpoint(
            base_url=settings.llm_base_url,
            model=settings.llm_model,
            api_key=settings.llm_api_key,
        ),
        pace=Pace(whole_s=settings.llm_timeout_s, stall_s=settings.llm_stall_s),
        retries=settings.llm_retries,
        max_output_tokens=settings.llm_max_output_tokens,
        spending=Spending(allowance, file=Path(settings.data_dir) / SPENDING_FILE),
    )
