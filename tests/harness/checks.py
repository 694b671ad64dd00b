"""`check`: everything that can be said about the code without a cluster, two steps at a time."""

import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from harness import programs, progress, requirements
from harness.paths import ROOT
from harness.programs import HarnessError, ProgramFailedError

PYTHON = (sys.executable, "-m")
UNIT_TESTS = (*PYTHON, "pytest", "-q", "-n", "auto", "--dist", "worksteal")
NOTHING_COLLECTED = 5  # pytest's exit code


@dataclass(frozen=True)
class Check:
    """One named command that must end well."""

    name: str
    argv: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """How a check went; no output means well."""

    name: str
    seconds: float
    output: str = ""


LONGEST_FIRST = (
    Check("unit and golden tests", (*UNIT_TESTS, "tests/unit", "tests/golden")),
    Check("mypy", (*PYTHON, "mypy")),
    Check("generated files", (*PYTHON, "harness", "generate", "--check")),
    Check("ruff check", (*PYTHON, "ruff", "check", "--quiet", ".")),
    Check("ruff format", (*PYTHON, "ruff", "format", "--check", "--quiet", ".")),
    Check("import-linter", (str(Path(sys.executable).with_name("lint-imports")),)),
)


def run(checks: Sequence[Check] = LONGEST_FIRST) -> None:
    """Run the checks, one line for each; at the end raise with what the failed ones said."""
    failed = []
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:
        for ended in as_completed([pool.submit(_run, check) for check in checks]):
            result = ended.result()
            mark = "[red]✗[/]" if result.output else "[green]✓[/]"
            progress.console.print(f"{result.seconds:7.1f} s  {mark} {result.name}")
            if result.output:
                failed.append(result)
    for result in failed:
        progress.console.print(f"\n--- {result.name}\n{result.output}", markup=False)
    if failed:
        raise HarnessError(f"failed: {', '.join(result.name for result in failed)}")


def generate(*, check: bool) -> None:
    """Bring generated files up to date, or raise with the names of those that are not."""
    if check:
        outdated = [str(file.relative_to(ROOT)) for file in requirements.outdated()]
        if outdated:
            raise HarnessError(f"run `make generate`: {', '.join(outdated)} are out of date")
    else:
        requirements.compile_all()
    options = ["--check"] if check else []
    print(programs.run([*PYTHON, "perennial.generate", *options], cwd=ROOT), end="")


def _run(check: Check) -> Result:
    started = time.monotonic()
    output = ""
    try:
        programs.run(check.argv, cwd=ROOT)
    except ProgramFailedError as failure:
        if failure.code != NOTHING_COLLECTED or "pytest" not in check.argv:
            output = failure.output
    return Result(check.name, time.monotonic() - started, output)
