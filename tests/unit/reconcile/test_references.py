from perennial.cluster.cache import Key
from perennial.reconcile.references import References

MODEL, OTHER = Key("Model", "delays", "m"), Key("Model", "delays", "other")
FLIGHTS, TRAINS = Key("Dataset", "delays", "flights"), Key("Dataset", "delays", "trains")


def test_the_dependants_of_an_object_are_found():
    references = References()
    references.set(MODEL, [FLIGHTS])
    references.set(OTHER, [FLIGHTS, TRAINS])
    assert references.dependants(FLIGHTS) == {MODEL, OTHER}
    assert references.dependants(TRAINS) == {OTHER}


def test_a_changed_reference_replaces_the_former_one():
    references = References()
    references.set(MODEL, [FLIGHTS])
    references.set(MODEL, [TRAINS])
    assert references.dependants(FLIGHTS) == frozenset()
    assert references.dependants(TRAINS) == {MODEL}


def test_a_deleted_object_refers_to_nothing():
    references = References()
    references.set(MODEL, [FLIGHTS])
    references.drop(MODEL)
    assert references.dependants(FLIGHTS) == frozenset()
