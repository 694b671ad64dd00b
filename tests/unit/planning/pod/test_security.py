from perennial.api.pod import Pod, PullSecret, Toleration
from perennial.planning.pod.security import CONTAINER_SECURITY, restricted_pod


def test_a_pod_without_wishes_is_restricted_and_has_no_token():
    assert restricted_pod(Pod()) == {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }


def test_containers_may_nothing():
    assert CONTAINER_SECURITY == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }


def test_users_say_where_pods_run_and_as_whom():
    wishes = Pod(
        service_account_name="reader",
        image_pull_secrets=(PullSecret(name="registry"),),
        node_selector={"disk": "ssd"},
        tolerations=(Toleration(key="gpu", operator="Exists"),),
    )
    pod = restricted_pod(wishes)
    assert pod["serviceAccountName"] == "reader"
    assert pod["imagePullSecrets"] == [{"name": "registry"}]
    assert pod["nodeSelector"] == {"disk": "ssd"}
    assert pod["tolerations"] == [{"key": "gpu", "operator": "Exists"}]
