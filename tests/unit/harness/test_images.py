import pytest

from harness import images
from harness.images import Image


@pytest.fixture
def image(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "ROOT", tmp_path)
    monkeypatch.setattr(images, "CODE", (tmp_path / "package",))
    (tmp_path / "package").mkdir()
    for name in ("pyproject.toml", "Dockerfile", "requirements.txt", "package/code.py"):
        (tmp_path / name).write_text(name)
    requirements = (tmp_path / "requirements.txt",)
    return Image("perennial-job", tmp_path / "Dockerfile", "job", requirements)


def test_the_same_content_has_the_same_name(image):
    assert image.reference() == image.reference()
    assert image.reference().startswith("localhost/perennial-job:")


@pytest.mark.parametrize(
    "file", ["Dockerfile", "requirements.txt", "pyproject.toml", "package/code.py"]
)
def test_any_change_makes_another_name(image, tmp_path, file):
    before = image.reference()

    (tmp_path / file).write_text("changed")

    assert image.reference() != before


def test_a_moved_file_makes_another_name(image, tmp_path):
    before = image.reference()

    (tmp_path / "package/inner").mkdir()
    (tmp_path / "package/code.py").rename(tmp_path / "package/inner/code.py")

    assert image.reference() != before


def test_what_python_caches_is_no_content(image, tmp_path):
    before = image.reference()

    (tmp_path / "package/__pycache__").mkdir()
    (tmp_path / "package/__pycache__/code.pyc").write_text("compiled")

    assert image.reference() == before


def test_a_build_trusts_whom_the_machine_trusts(monkeypatch, tmp_path):
    for name in images.FROM_ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "authorities.crt"
    file.write_text("")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))

    assert images.build_arguments("localhost/base:1") == [
        "--build-arg=BASE=localhost/base:1",
        f"--secret=id=certificates,src={file}",
        f"--build-arg=PIP_CERT={images.CERTIFICATES}",
    ]
