"""A certificate authority for one cluster, and what each of its programs identifies itself by."""

import base64
import ipaddress
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from harness.local import places

LIFETIME = timedelta(days=365)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Identity:
    """A name in the cluster, the groups it belongs to, and the addresses it answers at."""

    file: str
    name: str
    group: str = ""
    answers_at: tuple[str, ...] = ()


SERVERS = (
    Identity(
        "apiserver",
        "kube-apiserver",
        answers_at=(
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "localhost",
            places.API_SERVICE,
            "127.0.0.1",
            places.NODE_ADDRESS,
        ),
    ),
    Identity("apiserver-kubelet-client", "apiserver-kubelet-client", "system:masters"),
)
USERS = (  # each gets a kubeconfig
    Identity("admin", "admin", "system:masters"),
    Identity("controllers", "system:kube-controller-manager"),
    Identity("scheduler", "system:kube-scheduler"),
    Identity("proxy", "system:kube-proxy"),
    Identity(
        "kubelet",
        f"system:node:{places.NODE}",
        "system:nodes",
        answers_at=(places.NODE, places.NODE_ADDRESS),
    ),
)


def create(folder: Path) -> None:
    """Write the authority, every certificate and the kubeconfigs, once per cluster."""
    folder.mkdir(parents=True, exist_ok=True)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _authority(authority_key)
    _write(folder / "ca.crt", authority.public_bytes(serialization.Encoding.PEM))
    _token_keys(folder)
    for identity in SERVERS + USERS:
        _issue(folder, identity, authority, authority_key)
    ensure_kubeconfigs(folder)


def ensure_kubeconfigs(folder: Path) -> None:
    """Write the kubeconfigs that are not there, from the keys in the folder."""
    for user in USERS:
        file = places.kubeconfig(user.file)
        if not file.exists():
            _write(file, json.dumps(_kubeconfig(folder, user)).encode())


def _authority(key: Key) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "perennial-test-cluster")])
    return (
        _certificate(name, name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def _issue(folder: Path, identity: Identity, authority: x509.Certificate, signer: Key) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = [x509.NameAttribute(NameOID.COMMON_NAME, identity.name)]
    if identity.group:
        subject.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, identity.group))
    both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = _certificate(x509.Name(subject), authority.subject, key).add_extension(
        x509.ExtendedKeyUsage(both), critical=False
    )
    if identity.answers_at:
        builder = builder.add_extension(_alternatives(identity.answers_at), critical=False)
    certificate = builder.sign(signer, hashes.SHA256())
    _write(folder / f"{identity.file}.crt", certificate.public_bytes(serialization.Encoding.PEM))
    _write(folder / f"{identity.file}.key", _pem(key))


def _certificate(subject: x509.Name, issuer: x509.Name, key: Key) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
    )


def _alternatives(answers_at: Sequence[str]) -> x509.SubjectAlternativeName:
    def general(name: str) -> x509.GeneralName:
        if name[0].isdigit():
            return x509.IPAddress(ipaddress.ip_address(name))
        return x509.DNSName(name)

    return x509.SubjectAlternativeName([general(name) for name in answers_at])


def _token_keys(folder: Path) -> None:
    """Write the keys that sign and verify the tokens of ServiceAccounts."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    _write(folder / "tokens.key", _pem(key))
    _write(folder / "tokens.pub", public)


def _pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.write_bytes(content)


def _kubeconfig(folder: Path, user: Identity) -> dict[str, object]:
    def data(file: str) -> str:
        return base64.b64encode((folder / file).read_bytes()).decode()

    cluster = {"server": places.API, "certificate-authority-data": data("ca.crt")}
    credentials = {
        "client-certificate-data": data(f"{user.file}.crt"),
        "client-key-data": data(f"{user.file}.key"),
    }
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": places.NAME, "cluster": cluster}],
        "users": [{"name": user.file, "user": credentials}],
        "contexts": [{"name": places.NAME, "context": {"cluster": places.NAME, "user": user.file}}],
        "current-context": places.NAME,
    }
