import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

MODELS = {"HistGradientBoostingClassifier": "grade", "RandomForestRegressor": "price"}
MAKE = f"""
import sys
from pathlib import Path
from builders.designs import design, rows
from perennial.jobs.training.model_file import write_model
from perennial.jobs.recipe.pipeline import build
from perennial.jobs.recipe.threads import reproducible
for name, target in {MODELS!r}.items():
    folder, learned = Path(sys.argv[1], name), rows(target)
    folder.mkdir()
    with reproducible():
        pipeline = build(design(target, estimator=name)).fit(learned.frame, learned.target)
    write_model(pipeline, folder)
"""


def other_process(folder: Path, **environment: str) -> subprocess.Popen:
    folder.mkdir()
    return subprocess.Popen(
        [sys.executable, "-c", MAKE, str(folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
    )


def digests(folder: Path) -> dict[str, str]:
    files = folder.glob("*/model.skops")
    return {file.parent.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_two_processes_write_the_same_bytes(tmp_path):
    first = other_process(tmp_path / "1", PYTHONHASHSEED="1", MALLOC_PERTURB_="50")
    second = other_process(tmp_path / "2", PYTHONHASHSEED="2", MALLOC_PERTURB_="165")
    assert (first.wait(), second.wait()) == (0, 0)
    assert digests(tmp_path / "1").keys() == MODELS.keys()
    assert digests(tmp_path / "1") == digests(tmp_path / "2")
