from perennial.api.reasons import JobReason
from perennial.artifacts.failure_report import failure_report


def test_an_unforeseen_error_is_told_with_its_kind():
    report = failure_report(OSError(98, "Address already in use"))
    assert report.reason is JobReason.INTERNAL_ERROR
    assert report.message == "OSError: [Errno 98] Address already in use"


def test_long_words_fit():
    assert len(failure_report(ValueError("x" * 5000)).message) == 1024
