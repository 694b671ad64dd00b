import pytest

from harness.__main__ import _parser


@pytest.mark.parametrize("command", ["e2e", "demo"])
@pytest.mark.parametrize(
    "words", [["-k", "a or b", "-x"], ["--help"], ["tests/e2e", "-m", "long"], []]
)
def test_what_another_program_is_told_is_handed_on_as_it_is(command: str, words: list[str]):
    assert _parser().parse_args([command, *words]).arguments == words


def test_a_benchmark_is_named_before_its_arguments():
    options = _parser().parse_args(["bench", "serving", "--quick"])
    assert (options.name, options.arguments) == ("serving", ["--quick"])


def test_a_command_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        _parser().parse_args(["deploy"])
    assert "invalid choice" in capsys.readouterr().err
