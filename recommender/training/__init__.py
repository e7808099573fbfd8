"""From the log to a judged model, without touching a disk: reading, fitting, tuning, judging, the publish gate."""
