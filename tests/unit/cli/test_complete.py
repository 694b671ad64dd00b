import pytest

from builders import rollout_moments as moments
from builders.rollout_moments import manifest
from doubles.kubectl import RecordedKubectl
from perennial.cli.complete import completed, main, read
from perennial.cli.kubectl import Completed


def offered(*words, moment=moments.rejected):
    """Return the candidates without their explanations."""
    *lines, last = completed(words, RecordedKubectl(manifest(moment())))
    assert last == ":4", "files must not be offered"
    return [line.partition("\t")[0] for line in lines]


@pytest.mark.parametrize(
    ("words", "candidates"),
    [
        (("",), ["status", "rollout"]),
        (("ro",), ["rollout"]),
        (("rollout", "p"), ["promote", "pause"]),
        (("rollout", "-n", "delays", "re"), ["retry", "resume"]),
        (("status", ""), ["flight-delay"]),
        (("rollout", "undo", "f"), ["flight-delay"]),
        (("rollout", "undo", "-n", "delays", "x"), []),
        (("rollout", "undo", "flight-delay", ""), []),
        (("rollout", "undo", "flight-delay", "--to", ""), ["flight-delay-v1"]),
        (("rollout", "retry", "flight-delay", "--revision", ""), ["f448f3f2c5"]),
        (("rollout", "retry", "flight-delay", "--revision=f"), ["--revision=f448f3f2c5"]),
        (("rollout", "retry", "--revision", ""), []),
        (("status", "flight-delay", "-n", "de"), ["default", "delays"]),
        (("status", "flight-delay", "--context", "p"), ["production"]),
        (("status", "flight-delay", "-o", ""), ["table", "json"]),
        (("rollout", "promote", "flight-delay", "--no-wait", "--re"), ["--reason"]),
        (("rollout", "status", "--t"), ["--timeout"]),
        (("no", "such", "verb"), []),
    ],
)
def test_what_can_follow(words, candidates):
    assert offered(*words) == candidates


def test_no_words_are_the_first_word():
    assert offered() == offered("")


def test_candidates_are_explained():
    lines = completed(["status", ""], RecordedKubectl(manifest(moments.settled())))
    assert lines == ["flight-delay\tflight-delay-v1", ":4"]


def test_names_are_read_from_the_cluster_and_namespace_of_the_line():
    recorded = RecordedKubectl()
    completed(["status", "-n", "delays", "--context=production", ""], recorded)
    assert recorded.commands[-1][-2:] == ["--namespace=delays", "--context=production"]


def test_without_an_answer_nothing_is_offered(capsys):
    refused = Completed(1, "", "error: You must be logged in to the server (Unauthorized)")
    assert completed(["status", ""], lambda *_: refused) == [":4"]
    assert "Unauthorized" in capsys.readouterr().err


def test_options_with_a_value_are_told_from_flags():
    line = read(["rollout", "promote", "--no-wait", "churn", "--reason", "a b", "--context=x"])
    assert line.names == ("churn",)
    assert line.values == (("--no-wait", ""), ("--reason", "a b"), ("--context", "x"))
    assert read(["status", "churn", "-n"]).open_option == "-n"


def test_the_program_prints_what_kubectl_reads(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["kubectl_complete-perennial", "rollout", "hist"])
    main()
    printed = capsys.readouterr().out
    assert printed.startswith("history\t")
    assert printed.endswith("\n:4\n")
