"""A service of BentoML around the pipeline."""

import answering
import bentoml


@bentoml.service(workers=1, traffic={"timeout": 60})
class Flights:
    @bentoml.api
    def predict(self, rows: list[dict]) -> dict:
        return answering.matching(answering.inside.of_rows(rows))
