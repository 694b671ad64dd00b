import promql_parser
import pytest
from hypothesis import given, reject, settings

from builders.expressions import ATTACKS, expressions
from perennial.prometheus.guard import LONGEST, MOST_MATCHERS, ExpressionError, pinned
from perennial.prometheus.queries import SeriesLabels

LABELS = SeriesLabels()
FIELD = "spec.rollout.analysis.custom[0].numerator"


def guarded(expression, namespace="team-a"):
    return pinned(FIELD, expression, namespace, LABELS)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("orders_total", 'orders_total{namespace="team-a"}'),
        ("orders_total{}", 'orders_total{namespace="team-a"}'),
        ('orders_total{namespace="team-a"}', 'orders_total{namespace="team-a"}'),
        (
            'orders_total{outcome=~"paid|sent",version!=""}',
            'orders_total{namespace="team-a",outcome=~"paid|sent",version!=""}',
        ),
        ("a{x='say \"hi\"'}", 'a{namespace="team-a",x="say \\"hi\\""}'),
        ("a{x=`c:\\temp`}", 'a{namespace="team-a",x="c:\\\\temp"}'),
        ("a{x='two\\nlines'}", 'a{namespace="team-a",x="two\\U0000000alines"}'),
        ("a # a comment", 'a{namespace="team-a"}'),
    ],
)
def test_one_selector_is_written_anew_with_the_namespace(expression, expected):
    assert guarded(expression) == expected


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("orders_total offset 5m", "`offset`"),
        ("orders_total @ 1", "`@`"),
        ("orders_total[5m]", "range"),
        ('{x="y"}', "name one metric"),
        ('{__name__=~"orders.*"}', "name one metric"),
        ('{"orders.total"}', "name one metric"),
        ('a{x="1" or y="2"}', "`or`"),
        ('a{namespace="team-b"}', "own namespace"),
        ('a{namespace=~"team-a"}', "own namespace"),
        ('a{namespace!="team-b"}', "own namespace"),
        ('a{"x.y"="z"}', "'x.y'"),
        ("sum(a)", "no functions"),
        ("a or b", "no functions"),
        ("(a)", "parentheses"),
        ("1", "no functions"),
        ("a{", "no PromQL"),
        ("", "no PromQL"),
        ("\ud800", "no PromQL"),
        ('a{x=~"(b{1,100}){1,100}"}', "repetitions"),
        ("a" * (LONGEST + 1), "characters"),
        (f"a{{{','.join(['x=``'] * (MOST_MATCHERS + 1))}}}", "matchers"),
    ],
)
def test_everything_else_is_refused_with_the_field_and_the_reason(expression, reason):
    with pytest.raises(ExpressionError) as refused:
        guarded(expression)

    assert refused.value.field == FIELD
    assert reason in refused.value.reason
    assert str(refused.value).startswith(f"{FIELD}: ")


def test_the_label_of_the_namespace_is_the_administrators():
    labels = SeriesLabels(namespace="kubernetes_namespace")

    found = pinned(FIELD, 'a{namespace="other"}', "team-a", labels)

    assert found == 'a{kubernetes_namespace="team-a",namespace="other"}'
    with pytest.raises(ExpressionError, match="own namespace"):
        pinned(FIELD, 'a{kubernetes_namespace="team-b"}', "team-a", labels)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_leaves_the_namespace(attack):
    check(attack)


@settings(max_examples=300, deadline=None)
@given(expressions)
def test_whatever_is_accepted_selects_one_metric_of_the_own_namespace(expression):
    check(expression)


def check(expression):
    try:
        accepted = guarded(expression)
    except ExpressionError:
        return
    tree = promql_parser.parse(accepted)
    assert isinstance(tree, promql_parser.VectorSelector)
    assert tree.name
    assert (tree.offset, tree.at, tree.matchers.or_matchers) == (None, None, [])
    matchers = [(one.name, str(one.op), one.value) for one in tree.matchers.matchers]
    assert [one for one in matchers if one[0] == "namespace"] == [
        ("namespace", "MatchOp.Equal", "team-a")
    ]
    assert "__name__" not in [name for name, _, _ in matchers]
    assert [one for one in matchers if one[0] != "namespace"] == written(expression)
    assert guarded(accepted) == accepted


def written(expression):
    matchers = promql_parser.parse(expression).matchers.matchers
    return [(one.name, str(one.op), one.value) for one in matchers if one.name != "namespace"]


@settings(deadline=None)
@given(expressions)
def test_what_another_namespace_may_write_is_refused_here(expression):
    try:
        accepted = guarded(expression, "team-b")
    except ExpressionError:
        reject()
    with pytest.raises(ExpressionError, match="own namespace"):
        guarded(accepted, "team-a")
