from hashlib import sha256

from harness.layers import chained


def test_layers_are_named_as_containerd_names_them():
    assert chained("", "sha256:a") == "sha256:a"
    assert chained("sha256:a", "sha256:b") == f"sha256:{sha256(b'sha256:a sha256:b').hexdigest()}"
