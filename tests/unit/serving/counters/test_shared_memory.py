import os

from perennial_serving.counters.shared_memory import SharedMemory, Word


def test_what_a_child_writes_outlives_it():
    memory = SharedMemory.create()
    if (child := os.fork()) == 0:
        memory.ready = True
        memory.words[Word.ROWS] = 7
        os._exit(0)
    os.waitpid(child, 0)
    assert memory.ready
    assert memory.words[Word.ROWS] == 7


def test_a_slab_knows_since_when_it_counts():
    assert SharedMemory.create().started > 1_700_000_000
