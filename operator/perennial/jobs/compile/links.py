"""Links of regressions, by scikit-learn's link objects."""

from collections.abc import Mapping
from typing import Final

from sklearn._loss.link import BaseLink, IdentityLink, LogLink

from perennial.artifacts.compiled import Expression, Link, Linked
from perennial.jobs.compile import NotCompilableError

_LINKS: Final[Mapping[type[BaseLink], Link]] = {
    IdentityLink: Link.IDENTITY,
    LogLink: Link.EXPONENTIAL,
}


def linked(scores: Expression, link: BaseLink) -> Expression:
    """Return the scores after the inverse link of a regression."""
    known = _LINKS.get(type(link))
    if known is None:
        raise NotCompilableError(f"{type(link).__name__} of a regression")
    return scores if known is Link.IDENTITY else Linked(of=scores, link=known)
