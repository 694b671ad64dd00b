import pytest

from doubles.kubectl import RecordedKubectl
from perennial.cli.errors import CliError
from perennial.cli.kubectl import Completed, Connection, Kubectl, run


def failing(errors):
    return Kubectl(run=lambda _command, _text: Completed(1, "", errors))


def test_every_command_has_the_options_of_the_connection():
    recorded = RecordedKubectl()
    connection = Connection("delays", "production", "/home/alice/config", "bob@example.com")
    kubectl = Kubectl(connection, recorded)
    kubectl.find("modeldeployments", "churn")
    kubectl.all("events")
    kubectl.user()
    options = ["--namespace=delays", "--context=production"]
    options += ["--kubeconfig=/home/alice/config", "--as=bob@example.com"]
    assert [command[-4:] for command in recorded.commands] == [options] * 3


def test_what_is_not_given_is_left_to_kubectl():
    recorded = RecordedKubectl()
    Kubectl(run=recorded).find("modeldeployments", "churn")
    (command,) = recorded.commands
    assert command[:4] == ["kubectl", "get", "modeldeployments.perennial.dev", "churn"]
    assert command[4:] == ["--ignore-not-found", "--output=json"]


def test_a_missing_object_is_no_error():
    assert Kubectl(run=RecordedKubectl()).find("modeldeployments", "churn") is None


@pytest.mark.parametrize(
    ("errors", "message"),
    [
        (
            'Error from server (Forbidden): modeldeployments.perennial.dev "churn" is forbidden\n',
            'Error from server (Forbidden): modeldeployments.perennial.dev "churn" is forbidden',
        ),
        ('error: context "x" does not exist\n', 'context "x" does not exist'),
        (
            'E1201 10:03:14.4 31831 memcache.go:265] "Unhandled"\nThe connection was refused\n',
            "The connection was refused",
        ),
        ("", "kubectl exited with code 1"),
    ],
)
def test_the_message_of_kubectl_is_quoted_without_its_log(errors, message):
    with pytest.raises(CliError) as raised:
        failing(errors).user()
    assert str(raised.value) == message


def test_a_machine_without_kubectl_is_told_where_to_get_it(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CliError, match="kubectl is not on the PATH: install it"):
        Kubectl().user()


def test_a_program_gets_the_text_as_its_input():
    assert run(["cat"], "a name") == (0, "a name", "")
    assert run(["false"], "").code == 1


def test_the_kind_is_cut_off_names():
    names = Kubectl(run=RecordedKubectl()).names("get", "namespaces")
    assert names == ["default", "delays"]
