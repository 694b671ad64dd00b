"""Workers that are killed in the middle of counting, and what is left of their counts."""

import itertools
import os
import signal
import sys
from collections.abc import Callable

from builders.counting import NOW, Counted, counted, part, some_rows
from perennial_serving.counters.counters import Counters
from perennial_serving.counters.layout import LabelOutcome

STARTED = "perennial_process_start_time_seconds"
REPEATED = "perennial_repeated_rows_total"
RECORDS = 4


class Work:
    """A sequence of things to count; each is acknowledged once it must not be lost."""

    def __init__(self) -> None:
        self.layout = counted().layout
        self.batch, self.answers = some_rows(self.layout, 1500)

    def do(self, counters: Counters, number: int) -> None:
        kind, start = number % 5, number * 3 % 1490
        if kind < 3:  # one row, three rows, and more than the ring takes
            rows = (1, 3, RECORDS + 2)[kind]
            piece = part(self.batch, self.answers, start, start + rows)
            counters.rows(*piece, NOW, [NOW - number] * rows)
        elif kind == 3:
            counters.request(200, number, number / 64)
        else:
            counters.label(LabelOutcome.COUNTED, 0, number % 20, number % 2, 0.25)

    @staticmethod
    def totals(done: int) -> list[int]:
        """Return rows, requests and labels after so much was done."""
        kinds = [number % 5 for number in range(done)]
        rows = sum((1, 3, RECORDS + 2, 0, 0)[kind] for kind in kinds)
        return [rows, kinds.count(3), kinds.count(4)]


def totals(here: Counted) -> list[int]:
    values = here.values()
    names = ("perennial_class_total", "perennial_requests_total", "perennial_feedback_total")
    return [
        sum(int(n) for series, n in values.items() if series.startswith(name)) for name in names
    ]


def in_a_process(action: Callable[[int], None]) -> tuple[int, int]:
    """Run an action that writes a byte for all it has done; return bytes and exit status."""
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        os.close(read)
        try:
            action(write)
        finally:
            os._exit(0)
    os.close(write)
    acknowledged = 0
    while piece := os.read(read, 4096):
        acknowledged += len(piece)
    os.close(read)
    return acknowledged, os.waitpid(child, 0)[1]


def end_at_instruction(number: int) -> None:
    """Kill this process before so many more instructions of the counting code have run."""
    left = [number]

    def trace(python_frame, event, _argument):
        if "perennial_serving" not in python_frame.f_code.co_filename:
            return None
        python_frame.f_trace_opcodes = True
        if event == "opcode":
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)


def outlived(prepare: Callable[[int], None], attempts: int) -> None:
    """Let workers die one after the other on the same memory; compare with one that lived."""
    work, here = Work(), counted(records=RECORDS)
    done = deaths = 0
    for attempt in range(attempts):

        def worker(write: int, first: int = done, attempt: int = attempt) -> None:
            counters = Counters(here.layout, here.shared, 0, RECORDS)
            prepare(attempt)
            for number in itertools.count(first):
                work.do(counters, number)
                os.write(write, b".")

        def successor(_write: int, attempt: int = attempt) -> None:
            end_at_instruction(attempt * 7 % 900 + 1)
            Counters(here.layout, here.shared, 0, RECORDS)

        acknowledged, status = in_a_process(worker)
        deaths += os.WIFSIGNALED(status)
        in_a_process(successor)
        Counters(here.layout, here.shared, 0, RECORDS)
        found = totals(here)
        # the last thing may have counted just before the worker could say so
        assert found in (Work.totals(done + acknowledged), Work.totals(done + acknowledged + 1))
        done += acknowledged + (found == Work.totals(done + acknowledged + 1))
    assert deaths == attempts
    lived = counted(records=RECORDS)
    for number in range(done):
        work.do(lived.counters, number)
    lived.counters.flush()
    # who ended forgot which rows it had just seen: no repetition is made up, some are not noticed
    alike = {STARTED: 0, REPEATED: 0}
    assert here.values() | alike == lived.values() | alike
    assert here.values()[REPEATED] <= lived.values()[REPEATED]
