"""The page of the parity suite names every pipeline that the suite compares, and its tier."""

from builders.parity_table import PARITY_PAGE
from builders.pipelines import cases


def test_the_page_has_one_line_for_each_pipeline():
    lines = [line for line in PARITY_PAGE.read_text().splitlines() if line.startswith("| ")][1:]
    starts = [f"| {case.name} | {case.kind} | {case.tier} |" for case in cases()]
    assert len(lines) == len(starts)
    assert all(line.startswith(start) for line, start in zip(lines, starts, strict=True))
