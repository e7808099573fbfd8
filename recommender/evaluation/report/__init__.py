"""One judgement as people read it: figures, then a page that needs nothing else."""
