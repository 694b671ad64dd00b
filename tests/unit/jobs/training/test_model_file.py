import json
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from builders.designs import design, rows
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.artifacts.trusted_types import UntrustedTypeError
from perennial.jobs.recipe.pipeline import build
from perennial.jobs.training.model_file import write_model


def stored(folder: Path, **recipe) -> Path:
    learned, stated = rows(), design(**recipe)
    write_model(build(stated).fit(learned.frame, learned.target), folder)
    (folder / "schema.json").write_text(stated.schema.model_dump_json(by_alias=True))
    return folder


def test_no_pickle_is_in_the_file(tmp_path):
    with ZipFile(stored(tmp_path) / "model.skops") as archive:
        for name in archive.namelist():
            assert name == "schema.json" or name.endswith(".npy")
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_list_of_types_is_exactly_what_the_file_holds(tmp_path):
    folder = stored(tmp_path)
    types = json.loads((folder / "trusted-types.json").read_text())
    assert types == skops.io.get_untrusted_types(file=folder / "model.skops")
    assert types == sorted(types)
    assert "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor" in types


def test_a_model_is_loaded_with_its_list(tmp_path):
    learned, trained = rows(), TrainedPipeline.load(stored(tmp_path))
    assert trained.answer(learned.frame).probabilities.shape == (240, 2)


def test_a_model_that_holds_more_than_its_list_is_refused(tmp_path):
    folder = stored(tmp_path)
    (folder / "trusted-types.json").write_text("[]")
    with pytest.raises(UntrustedTypesFoundException, match="TreePredictor"):
        TrainedPipeline.load(folder)


def test_a_type_that_no_model_is_made_of_is_refused_whatever_the_list_says(tmp_path):
    folder = stored(tmp_path)
    tampered = _with_type(folder, "builtins.eval")
    with pytest.raises(UntrustedTypeError, match=r"builtins\.eval"):
        TrainedPipeline.load(tampered)


def test_a_tampered_type_in_the_model_is_refused(tmp_path):
    folder = stored(tmp_path)
    with ZipFile(folder / "model.skops") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    tree = json.loads(files["schema.json"])
    tree["__class__"], tree["__module__"] = "Popen", "subprocess"
    with ZipFile(folder / "model.skops", "w") as archive:
        for name, content in {**files, "schema.json": json.dumps(tree)}.items():
            archive.writestr(name, content)
    with pytest.raises(UntrustedTypesFoundException, match=r"subprocess\.Popen"):
        TrainedPipeline.load(folder)


def test_objects_that_are_shared_stay_shared(tmp_path):
    random = np.random.RandomState(3)
    (pipeline := build(design(estimator="SGDClassifier"))).set_params(estimator__random_state=None)
    learned = rows()
    pipeline.fit(learned.frame, learned.target)
    pipeline[-1].first, pipeline[-1].second = random, random
    write_model(pipeline, tmp_path)
    loaded = skops.io.load(
        tmp_path / "model.skops", trusted=json.loads((tmp_path / "trusted-types.json").read_text())
    )
    assert loaded[-1].first is loaded[-1].second


def _with_type(folder: Path, name: str) -> Path:
    path = folder / "trusted-types.json"
    path.write_text(json.dumps([*json.loads(path.read_text()), name]))
    return folder
