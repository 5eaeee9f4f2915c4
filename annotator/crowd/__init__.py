"""The life of a HIT, without HTTP.

access       invitations, roles and consent: who may enter a study
scheduling   which HIT a worker gets next, and for how long
answers      what workers submit, and how they worked
quality      signals about answers and workers
review       what reviewers see and decide
"""
