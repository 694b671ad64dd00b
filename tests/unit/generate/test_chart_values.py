import pytest
from pydantic import ValidationError

from perennial.api.configuration import Lease
from perennial.generate.chart_values import Values


def test_a_chart_without_values_is_valid():
    assert Values.model_validate({}) == Values()


def test_the_lease_defaults_to_that_of_the_operator():
    values = Values().lease
    assert values.model_dump().items() <= Lease().model_dump().items()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("replicas", -1),
        ("fullnameOverride", "Release"),
        ("imagePullPolicy", "Sometimes"),
        ("networkPolicy", {"apiServerPorts": []}),
        ("serviceMonitor", {"interval": "30"}),
        ("stores", {"Default": {"bucket": "models"}}),
        ("replicaCount", 2),
    ],
)
def test_a_wrong_value_is_an_error_that_names_it(path, value):
    with pytest.raises(ValidationError, match=path):
        Values.model_validate({path: value})
