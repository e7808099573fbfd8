"""Benchmarks: how fast and how large, beside a yardstick measured in the same run. ``docs/benchmarks.md`` explains each."""
