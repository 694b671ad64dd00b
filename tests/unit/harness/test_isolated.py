from harness.isolated import environment_folder


def test_other_packages_live_in_another_environment():
    one = environment_folder(("tritonclient[http]==2.73.0",))
    assert one == environment_folder(("tritonclient[http]==2.73.0",))
    assert one != environment_folder(("tritonclient[http]==2.72.0",))
