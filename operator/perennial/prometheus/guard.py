"""Tenants' expressions: only a selector of series of their own namespace passes."""

import re
from collections.abc import Iterator

import promql_parser as promql

from perennial.prometheus.queries import Matcher, PinnedSelector, SeriesLabels, selector

LONGEST = 512
"""Characters of an expression: parsing compiles its regular expressions, 0.1 s at worst."""
MOST_MATCHERS = 20
_NAME = "__name__"
_REPETITION = re.compile(r"\{\d+(,\d*)?\}")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_OPERATORS = {
    "MatchOp.Equal": "=",
    "MatchOp.NotEqual": "!=",
    "MatchOp.Re": "=~",
    "MatchOp.NotRe": "!~",
}
"""By name: the parser's own operators cannot be keys."""


class ExpressionError(ValueError):
    """An expression that is refused; the message names the field and the reason."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def pinned(field: str, expression: str, namespace: str, labels: SeriesLabels) -> PinnedSelector:
    """Return the one vector selector of an expression, pinned to a namespace.

    The result is written anew from the parsed tree; nothing of the text is taken over. Raises
    ExpressionError, which names the field.
    """
    tree = _vector_selector(field, expression)
    name = _metric_name(field, tree)
    matchers = tuple(_matchers(field, tree))
    if len(matchers) > MOST_MATCHERS:
        raise ExpressionError(field, f"at most {MOST_MATCHERS} label matchers are allowed")
    for matcher in matchers:
        _check(field, matcher, namespace, labels)
    others = (matcher for matcher in matchers if matcher.label != labels.namespace)
    own = Matcher(labels.namespace, "=", namespace)
    return PinnedSelector(selector(name, (own, *others)))


def label_name(field: str, name: str) -> str:
    """Return the name of a label as it is; raises ExpressionError if it is none."""
    if len(name) > LONGEST or not _LABEL.fullmatch(name):
        raise ExpressionError(field, f"{name!r} is no label name: use letters, digits and _")
    return name


def _vector_selector(field: str, expression: str) -> promql.VectorSelector:
    if len(expression) > LONGEST:
        raise ExpressionError(field, f"at most {LONGEST} characters are allowed")
    if _REPETITION.search(expression):
        raise ExpressionError(field, "counted repetitions such as {2,5} are not allowed")
    try:
        tree = promql.parse(expression)
    except ValueError as error:
        raise ExpressionError(field, f"this is no PromQL ({error})") from error
    if isinstance(tree, promql.MatrixSelector):
        raise ExpressionError(field, "a range such as [5m] is not allowed: the operator adds it")
    if not isinstance(tree, promql.VectorSelector):
        reason = 'only one selector such as name{label="value"} is allowed: no functions'
        raise ExpressionError(field, f"{reason}, operators or parentheses")
    return tree


def _metric_name(field: str, tree: promql.VectorSelector) -> str:
    if tree.offset is not None:
        raise ExpressionError(field, "`offset` is not allowed")
    if tree.at is not None:
        raise ExpressionError(field, "`@` is not allowed")
    if tree.matchers.or_matchers:
        raise ExpressionError(field, "`or` between label matchers is not allowed: write two gates")
    if not _METRIC.fullmatch(tree.name or ""):
        raise ExpressionError(field, "name one metric before the braces")
    return str(tree.name)


def _matchers(field: str, tree: promql.VectorSelector) -> Iterator[Matcher]:
    for matcher in tree.matchers.matchers:
        operator = _OPERATORS.get(str(matcher.op))
        # a quoted name may hold any text: only the classic form is written anew
        if operator is None or not _LABEL.fullmatch(matcher.name):
            raise ExpressionError(field, f"the matcher of {matcher.name!r} is not allowed")
        yield Matcher(matcher.name, operator, matcher.value)


def _check(field: str, matcher: Matcher, namespace: str, labels: SeriesLabels) -> None:
    if matcher.label == _NAME:
        raise ExpressionError(field, "a matcher of __name__ is not allowed: name the metric")
    if matcher.label != labels.namespace:
        return
    if matcher.op != "=" or matcher.value != namespace:
        remedy = f'leave {labels.namespace} out, or write {labels.namespace}="{namespace}"'
        raise ExpressionError(field, f"only series of the own namespace are allowed: {remedy}")
