from perennial.planning.model_deployment.prediction_key import key_variable, prediction_key

MADE = prediction_key("flight-delay", "delays")


def test_there_is_one_key_for_all_revisions_of_a_deployment():
    metadata = MADE.manifest["metadata"]
    assert metadata["name"] == "flight-delay-prediction-ids"
    assert metadata["namespace"] == "delays"
    assert metadata["labels"]["perennial.dev/name"] == "flight-delay"


def test_the_plan_holds_no_key_and_nobody_changes_one():
    assert not {"data", "stringData"} & MADE.manifest.keys()
    assert MADE.manifest["immutable"]


def test_a_server_is_given_the_very_entry_that_is_made():
    reference = key_variable("flight-delay")["valueFrom"]["secretKeyRef"]
    assert reference == {"name": MADE.manifest["metadata"]["name"], "key": MADE.entry}
