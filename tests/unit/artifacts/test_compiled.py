import hashlib
import json

import numpy as np
import pytest
from pydantic import ValidationError

from perennial.artifacts.compiled import (
    ESTIMATOR_FILE,
    Decision,
    Estimator,
    Linear,
    Link,
    Linked,
    Mean,
    Sums,
    Taken,
    Trees,
    load_estimator,
)


def estimator():
    line = Linear(coefficients=np.array([[0.1], [np.pi]]), intercept=np.array([-0.0]))
    trees = Trees(onnx=b"trees", outputs=1, single=True, taken=Taken.MISSING)
    parts = (Linked(of=line, link=Link.LOGISTIC_PAIR), Sums(trees=trees, divisor=3))
    return Estimator(width=2, scores=Mean(parts=parts), decision=Decision.LARGEST)


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_what_is_read_is_what_was_written_bit_for_bit(tmp_path):
    estimator().write(tmp_path)
    line, sums = load_estimator(tmp_path).scores.parts
    assert line.of.coefficients.tolist() == [[0.1], [np.pi]]
    assert np.signbit(line.of.intercept[0])
    assert (sums.trees.onnx, sums.divisor) == (b"trees", 3)


def test_the_same_estimator_is_the_same_bytes(tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        estimator().write(tmp_path / name)
    assert digests(tmp_path / "one") == digests(tmp_path / "other")
    assert sorted(digests(tmp_path / "one")) == ["arrays.npz", "estimator.json", "trees-0.onnx"]


def test_an_expression_of_an_unknown_kind_is_refused(tmp_path):
    estimator().write(tmp_path)
    stored = json.loads((tmp_path / ESTIMATOR_FILE).read_text())
    stored["scores"]["kind"] = "Script"
    (tmp_path / ESTIMATOR_FILE).write_text(json.dumps(stored))
    with pytest.raises(ValidationError, match="Script"):
        load_estimator(tmp_path)


def test_arrays_that_would_need_pickle_are_refused(tmp_path):
    estimator().write(tmp_path)
    np.savez(tmp_path / "arrays.npz", **{"array-0": np.array([{}]), "array-1": np.zeros(1)})
    with pytest.raises(ValidationError, match="allow_pickle"):
        load_estimator(tmp_path)


def test_only_numbers_of_float64_are_taken():
    with pytest.raises(ValidationError, match="float64"):
        Linear(coefficients=np.zeros((2, 1), np.float32), intercept=np.zeros(1))
