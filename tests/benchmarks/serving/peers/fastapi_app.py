"""What most people write: FastAPI with typed rows, and a pipeline behind a plain function."""

import sys

import answering
import uvicorn
from fastapi import FastAPI
from pydantic import create_model

TYPES = {"Number": float | None, "Integer": int | None, "Category": str | None}
Row = create_model("Row", **{name: (TYPES[kind], ...) for name, kind in answering.inputs().items()})
Body = create_model("Body", rows=(list[Row], ...))

app = FastAPI()


@app.post("/predict")
def predict(body: Body):
    rows = [row.model_dump() for row in body.rows]
    return answering.matching(answering.inside.of_rows(rows))


@app.get("/ready")
def ready():
    return {}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="error")
