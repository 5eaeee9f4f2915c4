"""The registry: every number that a report gives, with its name, measure, rule and value.

    entries         what an entry says; the definition of a number
    study           of a study: counts of answers, the flow of exclusions, its plan
    who_answered    of the people of a study
    network         of a network, and of a kind over training runs; where a row of a table stands
    layer           of a layer: precision, and the list of all of its numbers
    agreement       of a layer: whether workers agree
    groups          of a layer: semantic groups and object detectors
    unit            of a unit
    chance          of a layer beside its chance controls
    curve           of a layer above every threshold
    comparison      of two networks, and the hypotheses of a plan
    second_round    verified precision, and the names that machines give
    terms           what pages define that is no number of a report
    reading_order   the sections of the page of definitions, and what comes first in each
    registry        all of it: entries by the result that they are of, definitions and rules

JSON, tables, the schema of the API, the data dictionary, definitions and exports are made from it:
a statistic that a result holds, or that is computed from one, is one entry. docs/architecture.md
says how to add one.
"""
