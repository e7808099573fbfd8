"""The compiled kernels: the only part of the product that is not Python. Where no C compiler is at hand they are left out."""

from pathlib import Path

import numpy as np
from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "recommender.kernels._compiled",
            ["recommender/kernels/_compiled.pyx"],
            depends=sorted(map(str, Path("recommender/kernels").glob("*.pxi"))),
            include_dirs=[np.get_include()],
            define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
            extra_compile_args=["-O3", "-ffp-contract=off"],  # the same bits on every machine: nothing is fused
            optional=True,
        )
    ]
)
