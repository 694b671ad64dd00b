import json

import yaml
from hypothesis import given
from hypothesis import strategies as st

from perennial.cluster.apply_body import apply_body

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(text=TEXT)
def test_json_and_yaml_read_the_same_text(text):
    body = apply_body({"message": text})
    assert json.loads(body) == yaml.safe_load(body) == {"message": text}


def test_half_of_a_surrogate_pair_is_replaced():
    assert json.loads(apply_body({"message": "a\ud83db"})) == {"message": "a\ufffdb"}
