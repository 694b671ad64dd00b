"""Chooses the serving tier: the fastest form of the model that reproduces the pipeline."""

import shutil
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pandas as pd

from perennial.api.digests import canonical_json
from perennial.artifacts.encoding import EncoderFormat
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.artifacts.tier import SERVING_FILE, Serving, Tier
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.estimator import compile_estimator
from perennial.jobs.compile.preprocessing import compile_preprocessing
from perennial.jobs.parity.cells import Block, Cells
from perennial.jobs.parity.compare import DisagreementError, Reference, compare
from perennial.jobs.parity.rows import FEWEST_ROWS, ParityRows
from perennial.jobs.progress import log_progress, timed
from perennial_serving.model.compiled import CompiledPredictor
from perennial_serving.model.encoded import EncodedPredictor
from perennial_serving.model.encoder import Encoder
from perennial_serving.model.predictor import Predictor

_LONGEST_REASON: Final = 512


def choose_tier(
    folder: Path, trained: TrainedPipeline, held_out: pd.DataFrame, seed: int
) -> Serving:
    """Write the files of the fastest tier that agrees with the pipeline, and return the tier."""
    with TemporaryDirectory() as scratch:
        found = _proven_tier(trained, held_out, seed, Path(scratch))
        for file in Path(scratch, found.tier).glob("*"):
            shutil.copyfile(file, folder / file.name)
    (folder / SERVING_FILE).write_text(canonical_json(found.model_dump(mode="json", by_alias=True)))
    log_progress(f"tier {found.tier}: {found.rows:,} rows, at most {found.difference:.1g} apart")
    return found


def _proven_tier(
    trained: TrainedPipeline, held_out: pd.DataFrame, seed: int, scratch: Path
) -> Serving:
    """Return the fastest tier; defaults to the pipeline if no rows can be generated."""
    cells = Cells.of_frame(trained.schema, held_out)
    try:
        with timed("parity rows"):
            blocks = tuple(ParityRows(trained.schema, cells, seed).blocks(trained.pipeline))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the pipeline serves, and the status shows the reason
        reason = _fault("the rows to compare", error)
        log_progress(f"not tier {Tier.COMPILED}: {reason}")
        return Serving(tier=Tier.PIPELINE, reason=reason)
    with timed("comparison"):
        return _fastest_tier(trained, blocks, scratch)


def _fastest_tier(trained: TrainedPipeline, blocks: Sequence[Block], scratch: Path) -> Serving:
    """Compile and compare one tier after the other, each in a folder of its own."""
    reference, reasons = Reference(trained), dict[str, None]()
    for tier, compiled in _ATTEMPTS.items():
        folder = scratch / tier
        folder.mkdir()
        try:
            agreement = compare(reference, compiled(trained, folder), blocks)
        except NotCompilableError as error:
            reason = str(error)
        except DisagreementError as error:
            reason = f"the {tier} form does not repeat the pipeline: {error}"
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - the next tier serves, and the status shows the reason
            reason = _fault(f"the {tier} form", error)
        else:
            if agreement.rows >= FEWEST_ROWS:
                return Serving(
                    tier=tier,
                    reason=_joined(reasons),
                    rows=agreement.rows,
                    difference=agreement.difference,
                )
            reason = f"the pipeline answers too few rows to compare it with: {agreement.rows:,}"
        reasons[reason] = None
        log_progress(f"not tier {tier}: {reason}")
    return Serving(tier=Tier.PIPELINE, reason=_joined(reasons))


def _joined(reasons: Iterable[str]) -> str | None:
    return "; ".join(reasons)[:_LONGEST_REASON] or None


def _fault(of: str, error: Exception) -> str:
    """Return an unexpected error in one line; the log has the traceback."""
    traceback.print_exception(error)
    return f"{of} cannot be built or evaluated: {type(error).__name__}: {error}"[:_LONGEST_REASON]


def _compiled(trained: TrainedPipeline, folder: Path) -> CompiledPredictor:
    encoder = _write_encoder(trained, folder)
    compile_estimator(trained.pipeline[-1], encoder.width, trained.schema).write(folder)
    return CompiledPredictor.load(folder, trained.schema)


def _encoded(trained: TrainedPipeline, folder: Path) -> EncodedPredictor:
    _write_encoder(trained, folder)
    return EncodedPredictor(Encoder.load(folder, trained.schema), trained)


def _write_encoder(trained: TrainedPipeline, folder: Path) -> EncoderFormat:
    encoder = compile_preprocessing(trained.pipeline[0], trained.schema)
    encoder.write(folder)
    return encoder


_ATTEMPTS: Final[Mapping[Tier, Callable[[TrainedPipeline, Path], Predictor]]] = {
    Tier.COMPILED: _compiled,
    Tier.ENCODED: _encoded,
}
