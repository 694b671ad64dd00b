# What tests and the demo run in where no process of the machine can enter the node's network.
ARG BASE=python:3.12-slim-bookworm

FROM ${BASE} AS tests
ARG PIP_CERT
ARG PIP_INDEX_URL
ARG UV_DEFAULT_INDEX
ENV UV_SYSTEM_CERTS=1 UV_LINK_MODE=copy UV_CACHE_DIR=/var/cache/uv XDG_CACHE_HOME=/opt/cache HOME=/tmp
COPY requirements.txt /opt/
RUN --mount=type=cache,target=/var/cache/uv \
    --mount=type=secret,id=certificates,target=/etc/ssl/certs/ca-certificates.crt \
    python3 -m venv /tools && /tools/bin/pip install --quiet --no-cache-dir "uv<1" && \
    /tools/bin/uv venv --quiet --python python3 /opt/tests && \
    /tools/bin/uv pip install --quiet --require-hashes --compile-bytecode \
        --python /opt/tests --requirement /opt/requirements.txt
COPY harness /opt/harness/harness
RUN --mount=type=secret,id=certificates,target=/etc/ssl/certs/ca-certificates.crt \
    PYTHONPATH=/opt/harness /opt/tests/bin/python -c "from harness import tools; tools.ensure()"
