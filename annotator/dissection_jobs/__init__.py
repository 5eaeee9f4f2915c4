"""Rows to dissect and back: the only package that imports dissect, inside the task.

A run is prepared (looked at, cut into shards), its shards are collected by whoever is free, and
it is finished (merged, segmented, drawn, stored) by whoever finds the last one collected. An
analysis is one question to one network, answered by one worker.
"""

from annotator.dissection_jobs.analyses import analyse
from annotator.dissection_jobs.runs import advance
from annotator.dissection_jobs.shards import collect_shard

__all__ = ["advance", "analyse", "collect_shard"]
