"""Expressions that tenants might write, as hypothesis strategies: fair ones, and attacks."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

NAMES = ("up", "orders_total", "perennial_requests_total", "a:b", "by", "offset", "inf", "")
LABELS = (
    "namespace",
    "version",
    "__name__",
    "exported_namespace",
    "job",
    "on",
    '"namespace"',
    "le",
)
VALUES = (
    "team-a",
    "team-b",
    "",
    ".*",
    ".+",
    "team-a|team-b",
    'x"} or up{x="',
    "\\",
    "é",
    "a\nb",
    "`",
)
ATTACKS = (
    'up{namespace="team-a"} or up',
    'up{namespace="team-a" or namespace="team-b"}',
    'up{namespace=~"team-.*"}',
    'up{namespace!="team-a"}',
    '{__name__=~".+"}',
    '{"up"}',
    '{"up",namespace="team-b"}',
    'up{x="\\"} or up{y=\\""}',
    "up{x='\"} or up{y=\"'}",
    'up{x="\\x22} or up{y=\\x22"}',
    'up{x=`"} or up{y="`}',
    'up{"x\\"} or up{y=\\""="z"}',
    "up offset 5m",
    "up @ 1",
    "up[5m]",
    "sum(up)",
    "info(up)",
    "(up)",
    "-up",
    'up # {namespace="team-b"}',
    'up{namespace="team-a",namespace="team-b"}',
    'up{namespace="team-a",}',
)

_names = st.sampled_from(NAMES) | st.from_regex(r"[a-zA-Z_:]{1,8}", fullmatch=True)
_values = st.sampled_from(VALUES) | st.text(max_size=8)


@st.composite
def _literal(draw: st.DrawFn) -> str:
    value, quote = draw(_values), draw(st.sampled_from("\"'`"))
    if draw(st.booleans()):
        value = value.replace("\\", "\\\\").replace(quote, "\\" + quote).replace("\n", "\\n")
    return quote + value + quote


@st.composite
def _selector(draw: st.DrawFn) -> str:
    label = st.sampled_from(LABELS) | _names
    operator = st.sampled_from(["=", "!=", "=~", "!~"])
    matcher = st.tuples(label, operator, _literal()).map("".join)
    joined = draw(st.sampled_from([",", ",", ",", " or "])).join(
        draw(st.lists(matcher, max_size=3))
    )
    return draw(_names) + draw(st.sampled_from(["", "{" + joined + "}"]))


@st.composite
def _decorated(draw: st.DrawFn) -> str:
    one, other = draw(_selector()), draw(_selector())
    forms = ["{0}"] * 6 + ["{0} or {1}", "{0}{1}", "({0})", "{0} offset 1m", "{0}[1m]", "sum({0})"]
    return draw(st.sampled_from(forms)).replace("{0}", one).replace("{1}", other)


expressions: SearchStrategy[str] = (
    st.sampled_from(ATTACKS)
    | _decorated()
    | st.text("up{}=\"'`\\,ornamespteab~!-x[] @#", max_size=40)
)
