from builders.model_deployment import revision
from perennial.api.model_deployment import Server
from perennial.api.pod import Pod, Resources


def test_a_revision_is_ten_hexadecimal_digits():
    assert len(revision()) == 10
    int(revision(), 16)


def test_version_server_and_image_make_the_revision():
    assert (
        len(
            {
                revision(1),
                revision(2),
                revision(1, image="server:2"),
                revision(1, Server(pod=Pod(node_selector={"disk": "ssd"}))),
                revision(1, Server(resources=Resources(requests={"cpu": "1"}))),
            }
        )
        == 5
    )


def test_spelling_out_a_default_changes_no_revision():
    assert revision(1, Server(resources=Server().resources, pod=Pod(tolerations=()))) == revision(1)


def test_a_release_of_the_operator_keeps_the_revisions_of_those_before_it():
    bigger = Server(resources=Resources(requests={"cpu": "1"}))
    assert (revision(1), revision(1, bigger)) == (
        "6d203801e7",
        "3e0b3ed692",
    )  # else every server restarts
