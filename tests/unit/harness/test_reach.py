from harness.reach import FORWARDED, forwarding


def test_a_service_is_forwarded_to_a_free_port_of_the_loopback_address():
    assert forwarding(["kubectl", "--kubeconfig", "f"], "flights", "delay", 80) == [
        *("kubectl", "--kubeconfig", "f", "--namespace", "flights", "port-forward"),
        *("--address", "127.0.0.1", "service/delay", ":80"),
    ]


def test_the_forwarded_port_is_read_from_what_kubectl_says():
    match = FORWARDED.search("Forwarding from 127.0.0.1:40123 -> 8080")

    assert match is not None
    assert match[1] == "127.0.0.1:40123"
