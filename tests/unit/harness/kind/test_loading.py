import hashlib
import io
import json
import tarfile

import pytest

from harness.kind import loading
from harness.layers import chains


def digest(content):
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


BASE, CODE = b"what every image has", b"what changes"
CONFIGURATION = json.dumps({"rootfs": {"diff_ids": [digest(BASE), digest(CODE)]}}).encode()


@pytest.fixture
def saved():
    """An image as the engine saves it: the second name of a layer is a link to the first."""
    manifest = [{"Config": "c.json", "Layers": ["1/layer.tar", "2/layer.tar"]}]
    files = {
        "manifest.json": json.dumps(manifest).encode(),
        "c.json": CONFIGURATION,
        "1/layer.tar": BASE,
        "3/layer.tar": CODE,
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("2/layer.tar")
        link.type, link.linkname = tarfile.SYMTYPE, "../3/layer.tar"
        archive.addfile(link)
    return buffer.getvalue()


def converted(saved, held):
    buffer = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(saved)) as source,
        tarfile.open(fileobj=buffer, mode="w") as target,
    ):
        loading.convert(source, target, "localhost/perennial-job:1", held)
    with tarfile.open(fileobj=io.BytesIO(buffer.getvalue())) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}


def blob(files, name):
    return files[f"blobs/sha256/{name.removeprefix('sha256:')}"]


def test_every_blob_has_the_name_of_its_content(saved):
    for name, content in converted(saved, set()).items():
        if name.startswith("blobs/"):
            assert name == f"blobs/sha256/{hashlib.sha256(content).hexdigest()}"


def test_the_index_leads_to_configuration_and_layers(saved):
    files = converted(saved, set())

    (entry,) = json.loads(files["index.json"])["manifests"]
    manifest = json.loads(blob(files, entry["digest"]))
    assert entry["annotations"] == {"io.containerd.image.name": "localhost/perennial-job:1"}
    assert blob(files, manifest["config"]["digest"]) == CONFIGURATION
    assert [blob(files, layer["digest"]) for layer in manifest["layers"]] == [BASE, CODE]


def test_a_layer_that_the_node_holds_is_named_but_left_out(saved):
    (first, _) = chains([digest(BASE), digest(CODE)])

    files = converted(saved, {first})

    (entry,) = json.loads(files["index.json"])["manifests"]
    layers = json.loads(blob(files, entry["digest"]))["layers"]
    assert [layer["size"] for layer in layers] == [len(BASE), len(CODE)]
    assert f"blobs/sha256/{hashlib.sha256(BASE).hexdigest()}" not in files
    assert blob(files, digest(CODE)) == CODE
