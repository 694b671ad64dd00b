import json
from base64 import b64decode

import pytest
from cryptography import x509

from harness.local import certificates, places


@pytest.fixture
def keys(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = places.state() / "keys"
    certificates.create(folder)
    return folder


def test_every_certificate_is_signed_by_the_one_authority(keys):
    authority = x509.load_pem_x509_certificate((keys / "ca.crt").read_bytes())

    for file in keys.glob("*.crt"):
        x509.load_pem_x509_certificate(file.read_bytes()).verify_directly_issued_by(authority)


def test_the_api_server_answers_at_its_service_and_at_the_node(keys):
    certificate = x509.load_pem_x509_certificate((keys / "apiserver.crt").read_bytes())

    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    assert places.API_SERVICE in addresses
    assert places.NODE_ADDRESS in addresses


def test_a_kubeconfig_holds_all_that_it_needs(keys):
    content = json.loads(places.kubeconfig().read_text())

    embedded = b64decode(content["users"][0]["user"]["client-certificate-data"])
    assert embedded == (keys / "admin.crt").read_bytes()
    assert content["clusters"][0]["cluster"]["server"] == places.API


def test_a_kubeconfig_that_was_lost_is_written_again(keys):
    before = places.kubeconfig().read_text()
    places.kubeconfig().unlink()

    certificates.ensure_kubeconfigs(keys)

    assert places.kubeconfig().read_text() == before


def test_keys_are_for_their_owner_alone(keys):
    assert {file.stat().st_mode & 0o077 for file in keys.glob("*.key")} == {0}
