"""The tables that readers download, in three formats, streamed.

    columns              what a column holds, in words
    answers              one row for each answer, and for each answer and image
    workers              who answered, under pseudonyms; attempts to submit; the audit log
    registry             every table by name; those of a report come from a snapshot
    formats              CSV, JSON and Parquet; no cell is read as a formula
    dictionary           the data dictionary and the data sheet
    bundle               a study in one file
    neuronpedia          a study in Neuronpedia's batch layout
    neuronpedia_sources  its layers as Neuronpedia's sources

At most the rows of a few hundred units are in memory at a time.
"""
