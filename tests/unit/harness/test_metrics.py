from harness.metrics import reads, total, writes

TOLD = """\
# HELP perennial_api_requests_total Requests.
# TYPE perennial_api_requests_total counter
perennial_api_requests_total{verb="APPLY",code="200"} 3.0
perennial_api_requests_total{verb="POST",code="409"} 1.0
perennial_api_requests_total{verb="LIST",code="200"} 9.0
perennial_api_requests_total{verb="WATCH",code="200"} 50.0
perennial_api_requests_total{verb="LEASE",code="200"} 70.0
# HELP perennial_leader 1 while this replica holds the lease.
# TYPE perennial_leader gauge
perennial_leader 1.0
"""


def test_writes_and_reads_leave_out_watches_and_the_lease():
    assert (writes(TOLD), reads(TOLD)) == (4, 9)


def test_a_number_is_summed_over_the_labels_that_are_not_named():
    assert total(TOLD, "perennial_api_requests_total", code="200") == 132
    assert total(TOLD, "perennial_leader") == 1
    assert total(TOLD, "perennial_unheard_of") == 0
