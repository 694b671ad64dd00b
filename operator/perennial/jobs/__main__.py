"""`python -m perennial.jobs TASK STEP`: one step of one Job."""

import argparse
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import get_args

from perennial.api.reasons import JobReason
from perennial.api.schema import Spec
from perennial.api.tasks import SnapshotTask, Step, Task, TrainingTask
from perennial.jobs.progress import say, timed
from perennial.jobs.report import Report, failure_report, write_report
from perennial.jobs.settings import Settings

_TASKS: Mapping[Task, type[Spec]] = {"snapshot": SnapshotTask, "training": TrainingTask}
_TERMINATED = 128 + signal.SIGTERM


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the step that the arguments name."""
    chosen = _parser().parse_args(arguments)
    # the first process of a container ignores SIGTERM unless it says otherwise
    signal.signal(signal.SIGTERM, _end_at_once)
    return run(chosen.task, chosen.step, Settings.from_environment())


def run(task: Task, step: Step, settings: Settings) -> int:
    """Run one step and leave its report; return the exit code."""
    try:
        stated = _TASKS[task].model_validate_json(settings.task_file.read_bytes())
        with timed("load the step's libraries"):
            run_step = _step(task, step)
        report = run_step(stated, settings)
    except Exception as error:  # noqa: BLE001 - whatever ends a step must reach the status
        return _fail(error, settings)
    if report is not None:
        write_report(report, settings.report_file)
    return 0


def _fail(error: Exception, settings: Settings) -> int:
    report = failure_report(error)
    if report.reason is JobReason.INTERNAL_ERROR:
        traceback.print_exc()
    else:
        say(f"{report.reason}: {report.message}")
    write_report(report, settings.report_file)
    return 1


def _step(task: Task, step: Step) -> Callable[[object, Settings], Report | None]:
    """Import only what this step needs: a snapshot never loads scikit-learn."""
    module = importlib.import_module(f"perennial.jobs.{task}.{step}")
    run_step: Callable[[object, Settings], Report | None] = module.run
    return run_step


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m perennial.jobs", description=__doc__)
    parser.add_argument("task", choices=get_args(Task), help="what the Job is for")
    parser.add_argument("step", choices=get_args(Step), help="which container this is")
    return parser


def _end_at_once(_signal: int, _frame: FrameType | None) -> None:
    os._exit(_TERMINATED)


if __name__ == "__main__":
    sys.exit(main())
