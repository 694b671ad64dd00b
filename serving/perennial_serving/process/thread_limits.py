"""Limits numeric libraries to one thread; import it before them.

The server scales by processes. By default these libraries start one thread per core of the node,
and within the CPU limit of a pod such threads only wait for each other.
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
