"""One thread for a process's linear algebra: on small matrices more cost time, and workers share cores.

Imported before anything that brings numpy, which reads this once.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
