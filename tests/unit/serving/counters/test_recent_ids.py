import os

from perennial_serving.counters.recent_ids import RecentIds


def test_an_id_is_new_once():
    ids = RecentIds.create()
    assert ids.claim([5, 6, 5]) == [True, True, False]
    assert ids.claim([6, 7]) == [False, True]


def test_zero_is_an_id_like_any_other():
    ids = RecentIds.create()
    assert ids.claim([0, 0]) == [True, False]


def test_two_hundred_thousand_ids_later_an_id_is_still_known():
    ids = RecentIds.create()
    # as a MAC's bits: uniform
    hashes = [(number * 0x9E3779B97F4A7C15) % 2**64 for number in range(200_000)]
    ids.claim(hashes)
    assert not any(ids.claim(hashes[:1000]))


def test_a_full_bucket_forgets_its_oldest_id_alone():
    ids = RecentIds.create()
    same_bucket = [(number << 16) + 3 for number in range(1, 33)]
    ids.claim(same_bucket)
    assert ids.claim(same_bucket[1:]) == [False] * 31
    assert ids.claim(same_bucket[:1]) == [True]


def test_workers_that_are_sent_the_same_ids_take_each_once():
    ids = RecentIds.create()
    read, write = os.pipe()
    children = []
    for _ in range(3):
        if (child := os.fork()) == 0:
            try:
                for number in range(1, 1500):
                    os.write(write, b"." if ids.claim([number])[0] else b"")
            finally:
                os._exit(0)
        children.append(child)
    os.close(write)
    taken = 0
    while piece := os.read(read, 4096):
        taken += len(piece)
    os.close(read)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    assert taken == 1499
