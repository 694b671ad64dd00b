import pytest

from harness import images
from harness.images import OPERATOR
from harness.kind import engine


@pytest.fixture(autouse=True)
def _machine(monkeypatch, tmp_path):
    for name in images.FROM_ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.crt"))


def test_an_image_is_built_from_its_dockerfile_on_the_public_base(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")

    argv = engine.building(OPERATOR, "localhost/perennial-operator:1")

    assert argv[:2] == ["docker", "build"]
    assert argv[argv.index("--file") + 1].endswith("operator/Dockerfile")
    assert argv[argv.index("--target") + 1] == "operator"
    assert argv[argv.index("--tag") + 1] == "localhost/perennial-operator:1"
    assert "--build-arg=PIP_INDEX_URL=https://packages.example/simple" in argv
    assert not any("BASE=" in word for word in argv)


def test_another_base_is_a_build_argument():
    assert "--build-arg=BASE=base:1" in engine.building(OPERATOR, "x:1", "base:1")


def test_the_authorities_of_the_machine_are_a_secret_of_the_build(monkeypatch, tmp_path):
    file = tmp_path / "company.crt"
    file.write_text("-----BEGIN CERTIFICATE-----")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))

    argv = engine.building(OPERATOR, "x:1")

    assert f"--secret=id=certificates,src={file}" in argv
