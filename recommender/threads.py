"""One thread per BLAS call. Import this before anything that loads numpy.

Work is spread over the cores by processes and by joblib; threads inside every small matrix product would only
fight over them. A value the operator has set stays.
"""

import os

VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")

for _name in VARIABLES:
    os.environ.setdefault(_name, "1")
