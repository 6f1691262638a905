"""Assignment, statistics and verdicts of experiments: plain values in, frozen values out."""
