"""What the benchmarks by simulation share: options, targets, the page and the last line."""

import argparse
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.paths import ROOT


def parser(
    program: str, description: str | None, quick: str, page: Path
) -> argparse.ArgumentParser:
    """Return the options of a benchmark that writes its tables into a page."""
    made = argparse.ArgumentParser(prog=program, description=description)
    made.add_argument("--quick", action="store_true", help=quick)
    made.add_argument("--write", action="store_true", help=f"update {page.relative_to(ROOT)}")
    made.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    return made


def missed(
    found: Mapping[str, float], at_most: Mapping[str, float], at_least: Mapping[str, float]
) -> Iterator[str]:
    """Yield a line for each target that was missed; a number that is none misses it."""
    for name, target in at_least.items():
        if not found[name] >= target:
            yield f"{name} is {found[name]}, not >= {target}"
    for name, target in at_most.items():
        if not found[name] <= target:
            yield f"{name} is {found[name]}, not <= {target}"


def last_line(found: Mapping[str, float]) -> str:
    """Return the summary as one line of JSON."""
    return json.dumps({"summary": found})


def write_between(page: Path, begin: str, end: str, text: str) -> None:
    """Replace what stands between two marks of a page."""
    before, _, rest = page.read_text().partition(begin)
    _, _, after = rest.partition(end)
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}")
