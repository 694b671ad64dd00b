"""A server that counts what it answers, as a model server does: `exporter.py PORT REVISION LOG`.

`POST /CODE` is answered with that code and counted; `GET /metrics` tells the counts. Each scrape is
written to the log before it is answered, so that a test knows what a killed process had told.
"""

import json
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

OUTCOMES = {"2": "answered", "4": "refused", "5": "failed"}

COUNTS: Counter[str] = Counter()
LOCK = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    revision = ""
    log_file = Path()
    started = time.time()

    def do_POST(self):
        code = self.path.lstrip("/")
        with LOCK:
            COUNTS[code] += 1
        self._answer(b"counted")

    def do_GET(self):
        with LOCK:
            counts = dict(COUNTS)
        with self.log_file.open("a") as log:
            log.write(json.dumps({"time": time.time(), "counts": counts}) + "\n")
        self._answer(self._exposition(counts).encode())

    def log_message(self, *_):
        pass

    def _answer(self, body):
        self.send_response(200)
        self.send_header("content-type", "text/plain; version=0.0.4")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _exposition(self, counts):
        own = f'deployment="churn",revision="{self.revision}",version="churn-1"'
        lines = [
            f"perennial_process_start_time_seconds{{{own}}} {self.started}",
            f"perennial_worker_deaths_total{{{own}}} 0",
            f'perennial_score_edge{{{own},score="prediction",bin="1"}} 0.5',
        ]
        lines += [
            f'perennial_requests_total{{{own},outcome="{OUTCOMES[code[0]]}",code="{code}"}} {count}'
            for code, count in counts.items()
        ]
        return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Handler.revision = sys.argv[2]
    Handler.log_file = Path(sys.argv[3])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
