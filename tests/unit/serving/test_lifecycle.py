from perennial_serving.lifecycle import Lifecycle


def test_callers_are_welcome_between_the_proof_and_the_end():
    lifecycle = Lifecycle()
    assert not lifecycle.ready
    lifecycle.verified = True
    assert lifecycle.ready
    lifecycle.draining = True
    assert not lifecycle.ready


def test_no_two_processes_share_a_pass_phrase():
    assert Lifecycle().pass_phrase != Lifecycle().pass_phrase
