from pathlib import Path

from harness import paths
from harness.kind import container, places


def words(name):
    return [
        word.partition("=")[2]
        for word in container.running("localhost/perennial-tests:1", Path("/home/me/state"))
        if word.startswith(f"--{name}=")
    ]


def test_the_container_is_in_the_network_of_the_node():
    assert words("network") == [f"container:{places.NODE}"]


def test_it_sees_the_checkout_and_cannot_change_the_kubeconfig():
    assert words("volume") == [f"{paths.ROOT}:{paths.ROOT}", "/home/me/state:/state:ro"]


def test_it_chooses_the_cluster_that_is_up_already():
    line = container.running("localhost/perennial-tests:1", Path("/home/me/state"))

    assert "PERENNIAL_CLUSTER=inside" in line
    assert "KUBECONFIG=/state/node.kubeconfig" in line


def test_another_version_of_a_package_makes_another_image(tmp_path, monkeypatch):
    before = container.TestsImage().reference()
    (tmp_path / "requirements.txt").write_text("httpx==1")

    monkeypatch.setattr(container.TestsImage, "context", tmp_path)

    assert container.TestsImage().reference() != before
