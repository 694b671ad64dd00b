"""The Gateway of the cluster, as routes name it and as clients reach it."""

from harness.servers.store import NAMESPACE

FILE = "traefik.yaml"
NAME = "public"
ADDRESS = "http://10.96.0.80:8000"  # the Service, at the port of the listener
PARENT = {"name": NAME, "namespace": NAMESPACE}
