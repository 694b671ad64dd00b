import os

from perennial_serving.counters.shared_memory import Slab, Word


def test_what_a_child_writes_outlives_it():
    slab = Slab.create()
    if (child := os.fork()) == 0:
        slab.ready = True
        slab.words[Word.ROWS] = 7
        os._exit(0)
    os.waitpid(child, 0)
    assert slab.ready
    assert slab.words[Word.ROWS] == 7


def test_a_slab_knows_since_when_it_counts():
    assert Slab.create().started > 1_700_000_000
