"""Series that are constant for the life of a process: the model, the start, the edges of bins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from perennial.artifacts.profile import Profile
from perennial_serving.counters.families import Labels

_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "%": "%%"})


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a server serves: the labels of `perennial_model_info`."""

    model: str
    version: str
    digest: str
    tier: str
    deployment: str | None = None
    revision: str | None = None

    def identity(self, version: str | None = None) -> Labels:
        """Return the labels of every series; `version` is an older version, or None."""
        labels = (("deployment", self.deployment), ("revision", self.revision))
        known = tuple((name, value) for name, value in labels if value is not None)
        return (*known, ("version", version or self.version))


def constant_lines(info: ModelInfo, profile: Profile, started: float) -> Iterator[str]:
    """Yield the constant families; `started` is in seconds since the epoch."""
    labels = (("model", info.model), *info.identity(), ("digest", info.digest), ("tier", info.tier))
    yield from _gauge("perennial_model_info", "The served model and version", [(labels, "1")])
    yield from _gauge(
        "perennial_process_start_time_seconds",
        "Start of counting in seconds since the epoch",
        [(info.identity(), repr(started))],
    )
    edges = [((*info.identity(), *labels), end) for labels, end in _score_edges(profile)]
    if edges:
        yield from _gauge("perennial_score_edge", "Upper end of a bin of the answers", edges)


def label_set(labels: Labels) -> str:
    """Return labels in the text format, as part of a `%` template."""
    inside = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels)
    return f"{{{inside}}}"


def _score_edges(profile: Profile) -> Iterator[tuple[Labels, str]]:
    scores = (("prediction", profile.prediction), ("confidence", profile.confidence))
    for score, answers in scores:
        if answers is not None:
            ends = (*map(repr, answers.edges), "+Inf")
            for bin_, end in zip(answers.bins, ends, strict=True):
                yield (("score", score), ("bin", bin_)), end


def _gauge(name: str, help_: str, series: Sequence[tuple[Labels, str]]) -> Iterator[str]:
    yield f"# HELP {name} {help_}"
    yield f"# TYPE {name} gauge"
    yield from (f"{name}{label_set(labels)} {value}" for labels, value in series)
