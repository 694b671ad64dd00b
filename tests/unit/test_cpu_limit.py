from pathlib import Path

import pytest

from perennial.cpu_limit import cpus


def written(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("max 100000", 1), ("50000 100000", 1), ("200000 100000", 2), ("210000 100000", 3)],
)
def test_a_containers_limit_is_rounded_up(tmp_path: Path, limit: str, expected: int):
    root = written(tmp_path, {"cpu.max": f"{limit}\n"})
    assert cpus(root, tmp_path / "none") == expected


def test_the_tightest_group_around_the_process_counts(tmp_path: Path):
    root = written(
        tmp_path / "fs",
        {
            "kubepods/cpu.max": "800000 100000",
            "kubepods/pod1/cpu.max": "300000 100000",
            "kubepods/pod1/one/cpu.max": "max 100000",
        },
    )
    own = written(tmp_path, {"own": "0::/kubepods/pod1/one\n"}) / "own"
    assert cpus(root, own) == 3


def test_the_older_version_is_understood(tmp_path: Path):
    root = written(
        tmp_path / "fs",
        {
            "cpu,cpuacct/pods/cpu.cfs_quota_us": "250000\n",
            "cpu,cpuacct/pods/cpu.cfs_period_us": "100000\n",
            "cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
            "cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        },
    )
    own = written(tmp_path, {"own": "3:memory:/pods\n4:cpu,cpuacct:/pods\n"}) / "own"
    assert cpus(root, own) == 3


def test_without_a_limit_it_is_one(tmp_path: Path):
    assert cpus(tmp_path, tmp_path / "none") == 1
