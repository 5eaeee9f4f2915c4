"""Does the jobs of the queue: the only package of the service that imports dissect, inside tasks.

A run is prepared (checked against its study and cut into shards), its shards are collected by any
worker, and the worker that notices that all are collected finishes it (merges, segments, draws,
stores). An analysis is one question to one network, answered by one worker.
"""

from annotator.dissection_jobs.analyses import analyse
from annotator.dissection_jobs.runs import advance
from annotator.dissection_jobs.shards import collect_shard

__all__ = ["advance", "analyse", "collect_shard"]
