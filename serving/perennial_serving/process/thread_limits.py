"""Numeric libraries start no threads of their own: they are told before they are imported.

A server scales by processes. In a pod they would start one for each core of the node, and those
would wait for each other.
"""

import os

for _variable in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
):
    os.environ.setdefault(_variable, "1")
