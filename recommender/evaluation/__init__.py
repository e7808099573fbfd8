"""How good the lists are: a split by the clock, figures each in a small function, intervals, baselines beside."""
