import base64

import pytest

from perennial_serving.http.limits import ConnectionLimits
from perennial_serving.settings import (
    Limits,
    OutOfContract,
    ServeSettings,
    SettingsError,
)

DIGEST = f"sha256:{'a' * 64}"
SERVE = {
    "PERENNIAL_MODEL": "/var/run/perennial/model",
    "PERENNIAL_MODEL_NAME": "flight-delay",
    "PERENNIAL_MODEL_VERSION": "flight-delay-7c1f9a2b",
    "PERENNIAL_ARTIFACT_DIGEST": DIGEST,
    "PATH": "/usr/bin",
}


def test_the_operators_variables_are_enough_to_serve():
    settings = ServeSettings.from_environment(SERVE)
    assert settings.port == 8080
    assert settings.limits == Limits(body_bytes=8 << 20, rows=10_000)
    assert settings.connection_limits == ConnectionLimits()
    assert settings.out_of_contract is OutOfContract.ANSWER
    assert (settings.workers, settings.key) == (None, None)
    assert settings.identity == (("x-perennial-version", "flight-delay-7c1f9a2b"),)


def test_what_the_operator_knows_of_the_deployment_is_taken_over():
    settings = ServeSettings.from_environment(
        {
            **SERVE,
            "PERENNIAL_WORKERS": "4",
            "PERENNIAL_POD": "0b57c4c6",
            "PERENNIAL_DEPLOYMENT": "delays",
            "PERENNIAL_REVISION": "3f9c1a2b4d",
            "PERENNIAL_PREDICTION_KEY": base64.b64encode(bytes(range(32))).decode(),
            "PERENNIAL_OUT_OF_CONTRACT": "Refuse",
        }
    )
    assert (settings.workers, settings.pod, settings.key) == (4, "0b57c4c6", bytes(range(32)))
    assert (settings.deployment, settings.revision) == ("delays", "3f9c1a2b4d")
    assert settings.identity == (
        ("x-perennial-version", "flight-delay-7c1f9a2b"),
        ("x-perennial-revision", "3f9c1a2b4d"),
    )
    assert settings.out_of_contract is OutOfContract.REFUSE
    assert "0b57c4c6" in repr(settings)
    assert "key=" not in repr(settings)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PERENNIAL_PORT", "http"),
        ("PERENNIAL_PORT", "0"),
        ("PERENNIAL_MAX_ROWS", "0"),
        ("PERENNIAL_MAX_BODY_BYTES", "1 MiB"),
        ("PERENNIAL_DRAIN_SECONDS", "-1"),
        ("PERENNIAL_IDLE_SECONDS", "0"),
        ("PERENNIAL_WORKERS", "0"),
        ("PERENNIAL_PREDICTION_KEY", "c2hvcnQ="),
        ("PERENNIAL_OUT_OF_CONTRACT", "refuse"),
        ("PERENNIAL_ARTIFACT_DIGEST", "sha256:abc"),
        ("PERENNIAL_MODEL_NAME", "Flight Delay"),
        ("PERENNIAL_DEPLOYMENT", "Delays"),
        ("PERENNIAL_REVISION", "a\r\nset-cookie: b"),
    ],
)
def test_a_bad_variable_is_named(variable: str, value: str):
    with pytest.raises(SettingsError, match=variable):
        ServeSettings.from_environment({**SERVE, variable: value})
