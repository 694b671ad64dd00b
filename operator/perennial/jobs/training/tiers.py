"""How a fitted model will be served: the fastest way that answers as the pipeline does."""

import shutil
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pandas as pd

from perennial.api.schema import canonical_json
from perennial.artifacts.encoding import EncoderFormat
from perennial.artifacts.predictor import Predictor
from perennial.artifacts.tier import SERVING_FILE, Serving, Tier
from perennial.jobs.progress import say, timed
from perennial.jobs.training.compile import NotCompilableError
from perennial.jobs.training.compile.estimator import compile_estimator
from perennial.jobs.training.compile.preprocessing import compile_preprocessing
from perennial.jobs.training.parity import DisagreementError, Reference, compare
from perennial.jobs.training.parity_rows import FEWEST_ROWS, Block, Cells, ParityRows
from perennial_serving import predictors
from perennial_serving.encoder import Encoder
from perennial_serving.predictors.compiled import CompiledPredictor
from perennial_serving.predictors.encoded import EncodedPredictor

_LONGEST_REASON: Final = 512


def choose_tier(folder: Path, predictor: Predictor, held_out: pd.DataFrame, seed: int) -> Serving:
    """Write the files of the fastest tier that agrees with the pipeline, and return what it is."""
    with TemporaryDirectory() as scratch:
        found = _proven(predictor, held_out, seed, Path(scratch))
        for file in Path(scratch, found.tier).glob("*"):
            shutil.copyfile(file, folder / file.name)
    (folder / SERVING_FILE).write_text(canonical_json(found.model_dump(mode="json", by_alias=True)))
    say(f"tier {found.tier}: {found.rows:,} rows, at most {found.difference:.1g} apart")
    return found


def _proven(predictor: Predictor, held_out: pd.DataFrame, seed: int, scratch: Path) -> Serving:
    """Return the fastest tier, or the pipeline itself where nothing can be compared with it."""
    cells = Cells.of_frame(predictor.schema, held_out)
    try:
        with timed("rows to compare"):
            blocks = tuple(ParityRows(predictor.schema, cells, seed).blocks(predictor.pipeline))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the pipeline serves, and the reason is told
        reason = _fault("the rows to compare", error)
        say(f"not tier {Tier.COMPILED}: {reason}")
        return Serving(tier=Tier.PIPELINE, reason=reason)
    return _fastest(predictor, blocks, scratch)


def _fastest(predictor: Predictor, blocks: Sequence[Block], scratch: Path) -> Serving:
    """Try one tier after the other, each in a folder of its name."""
    reference, reasons = Reference(predictor), dict[str, None]()
    for tier, compiled in _ATTEMPTS.items():
        folder = scratch / tier
        folder.mkdir()
        try:
            with timed(f"compile and compare as {tier}"):
                seen = compare(reference, compiled(predictor, folder), blocks)
        except NotCompilableError as error:
            reason = str(error)
        except DisagreementError as error:
            reason = f"the {tier} form does not repeat the pipeline: {error}"
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - the next tier serves, and the reason is told
            reason = _fault(f"the {tier} form", error)
        else:
            if seen.rows >= FEWEST_ROWS:
                return Serving(
                    tier=tier,
                    reason=_joined(reasons),
                    rows=seen.rows,
                    difference=seen.difference,
                )
            reason = f"the pipeline answers too few rows to compare it with: {seen.rows:,}"
        reasons[reason] = None
        say(f"not tier {tier}: {reason}")
    return Serving(tier=Tier.PIPELINE, reason=_joined(reasons))


def _joined(reasons: Iterable[str]) -> str | None:
    return "; ".join(reasons)[:_LONGEST_REASON] or None


def _fault(of: str, error: Exception) -> str:
    """Return a fault of ours in a line; the log has all of it."""
    traceback.print_exception(error)
    return f"{of} cannot be made or asked: {type(error).__name__}: {error}"[:_LONGEST_REASON]


def _compiled(predictor: Predictor, folder: Path) -> CompiledPredictor:
    encoder = _write_encoder(predictor, folder)
    compile_estimator(predictor.pipeline[-1], encoder.width, predictor.schema).write(folder)
    return CompiledPredictor.load(folder, predictor.schema)


def _encoded(predictor: Predictor, folder: Path) -> EncodedPredictor:
    _write_encoder(predictor, folder)
    return EncodedPredictor(Encoder.load(folder, predictor.schema), predictor)


def _write_encoder(predictor: Predictor, folder: Path) -> EncoderFormat:
    encoder = compile_preprocessing(predictor.pipeline[0], predictor.schema)
    encoder.write(folder)
    return encoder


_ATTEMPTS: Final[Mapping[Tier, Callable[[Predictor, Path], predictors.Predictor]]] = {
    Tier.COMPILED: _compiled,
    Tier.ENCODED: _encoded,
}
