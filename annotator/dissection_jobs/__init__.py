"""Does the jobs of the queue: the only package of the service that imports dissect, inside tasks.

A run is prepared (checked against its study and cut into shards), its shards are collected by any
worker, and the worker that notices that all are collected finishes it (merges, segments, draws,
stores). An analysis is one question to one network, answered by one worker.

A task imports what it does from runs, shards or analyses, each by itself: analyses has every
command of dissect, whose libraries take as long to import as a small run.
"""
