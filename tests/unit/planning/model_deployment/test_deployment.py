import json
from dataclasses import replace

from builders.model_deployment import CONFIGURATION, NAME, NAMESPACE, artifact, version
from perennial.api.model_deployment import Server
from perennial.api.pod import Pod, PullSecret
from perennial.planning.model_deployment.deployment import (
    pod_selector,
    scaled,
    selector,
    server_deployment,
)
from perennial.planning.model_deployment.revision import Definition
from perennial_serving.process.supervisor import _EXIT_SECONDS
from perennial_serving.settings import ServeSettings

POD = Pod(
    service_account_name="server",
    image_pull_secrets=(PullSecret(name="registry"),),
    labels={"team": "delays"},
)
DEFINITION = Definition("flight-delay", version(1).name, artifact(), Server(pod=POD), "server:1")
DEPLOYMENT = server_deployment(NAME, NAMESPACE, 3, DEFINITION, CONFIGURATION)
TEMPLATE = DEPLOYMENT["spec"]["template"]
FETCH = TEMPLATE["spec"]["initContainers"][0]
SERVER = TEMPLATE["spec"]["containers"][0]


def variables(container):
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container["env"]}


def test_the_name_says_which_revision_and_the_selector_selects_no_other():
    assert DEPLOYMENT["metadata"]["name"] == f"{NAME}-{DEFINITION.revision}"
    assert DEPLOYMENT["spec"]["selector"]["matchLabels"] == selector(NAME, DEFINITION.revision)
    assert (
        DEPLOYMENT["spec"]["selector"]["matchLabels"].items()
        <= TEMPLATE["metadata"]["labels"].items()
    )


def test_only_the_fetch_holds_the_stores_keys():
    assert "AWS_SECRET_ACCESS_KEY" in variables(FETCH)
    assert not [name for name in variables(SERVER) if name.startswith(("AWS", "PERENNIAL_STORE"))]


def test_the_fetch_is_told_what_to_fetch_and_the_digest_to_verify():
    environment = variables(FETCH)
    assert json.loads(environment["PERENNIAL_STORE"])["bucket"] == "models"
    assert environment["PERENNIAL_ARTIFACT_PATH"] == artifact().path
    assert environment["PERENNIAL_ARTIFACT_DIGEST"] == artifact().digest


def test_the_server_is_told_what_it_serves():
    environment = variables(SERVER)
    assert environment["PERENNIAL_MODEL_NAME"] == "flight-delay"
    assert environment["PERENNIAL_MODEL_VERSION"] == version(1).name
    assert environment["PERENNIAL_MODEL"] == variables(FETCH)["PERENNIAL_MODEL"]


def test_the_server_is_told_how_many_it_is_and_what_rows_it_refuses():
    chosen = replace(DEFINITION, server=Server(workers=3, out_of_contract="Refuse"))
    pod = server_deployment(NAME, NAMESPACE, 3, chosen, CONFIGURATION)["spec"]["template"]["spec"]
    environment = variables(pod["containers"][0])
    assert (environment["PERENNIAL_WORKERS"], environment["PERENNIAL_OUT_OF_CONTRACT"]) == (
        "3",
        "Refuse",
    )
    assert "PERENNIAL_WORKERS" not in variables(SERVER)
    assert variables(SERVER)["PERENNIAL_OUT_OF_CONTRACT"] == "Answer"


def test_the_server_signs_with_the_deployments_key_and_knows_its_pod():
    environment = variables(SERVER)
    assert (
        environment["PERENNIAL_PREDICTION_KEY"]["secretKeyRef"]["name"] == f"{NAME}-prediction-ids"
    )
    assert environment["PERENNIAL_POD"] == {"fieldRef": {"fieldPath": "metadata.uid"}}
    assert "PERENNIAL_PREDICTION_KEY" not in variables(FETCH)


def test_the_server_cannot_change_the_model():
    mount = next(each for each in SERVER["volumeMounts"] if each["name"] == "model")
    assert mount["readOnly"]
    assert told_under(mount["mountPath"], variables(SERVER)["PERENNIAL_MODEL"])


def told_under(folder, path):
    return path.startswith(f"{folder}/")


def test_pods_are_restricted_and_hold_no_token():
    pod = TEMPLATE["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"]
    for container in (FETCH, SERVER):
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["securityContext"]["readOnlyRootFilesystem"]


def test_a_pod_runs_where_and_as_whom_the_spec_says():
    assert TEMPLATE["spec"]["serviceAccountName"] == "server"
    assert TEMPLATE["spec"]["imagePullSecrets"] == [{"name": "registry"}]
    assert TEMPLATE["metadata"]["labels"]["team"] == "delays"


def test_the_server_itself_drains_so_no_hook_delays_its_signal():
    assert "lifecycle" not in SERVER
    drain = ServeSettings.model_fields["drain_seconds"].default
    assert drain + _EXIT_SECONDS < TEMPLATE["spec"]["terminationGracePeriodSeconds"]


def test_the_server_names_its_deployment_and_revision_in_what_it_exports():
    environment = variables(SERVER)
    plain = {name: value for name, value in environment.items() if isinstance(value, str)}
    settings = ServeSettings.from_environment(plain)
    assert (settings.deployment, settings.revision) == (NAME, DEFINITION.revision)
    assert "PERENNIAL_REVISION" not in variables(FETCH)


def test_readiness_is_told_within_a_second_and_loading_may_take_minutes():
    assert SERVER["readinessProbe"]["periodSeconds"] == 1
    startup = SERVER["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 300


def test_last_words_of_a_container_are_kept():
    for container in (FETCH, SERVER):
        assert container["terminationMessagePolicy"] == "FallbackToLogsOnError"


def test_scaling_says_nothing_but_how_many():
    assert scaled(NAME, NAMESPACE, DEFINITION.revision, 5)["spec"] == {"replicas": 5}


def test_an_autoscaler_counts_the_pods_of_all_revisions():
    wanted = dict(part.split("=") for part in pod_selector(NAME).split(","))
    assert wanted.items() <= TEMPLATE["metadata"]["labels"].items()
