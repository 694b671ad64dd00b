from sklearn.svm import LinearSVC

from builders.artifact import MODEL, VERSION, artifact
from perennial_serving.http.descriptions import model_metadata, model_page
from perennial_serving.model import ServedModel


def test_only_what_the_model_can_answer_is_offered(tmp_path):
    built = artifact(tmp_path / "model", LinearSVC(), classes="str")
    model = ServedModel(MODEL, VERSION, built.digest, built.predictor)
    assert [one["name"] for one in model_metadata(model)["outputs"]] == ["predict"]


def test_the_page_names_the_artifact(flights):
    model = ServedModel(MODEL, VERSION, flights.digest, flights.predictor)
    assert model_page(model)["digest"] == flights.digest
    assert model_page(model)["classes"] == [False, True]
