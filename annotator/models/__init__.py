"""The tables. Rules are constraints of the database first; their names are sentences."""

from annotator.models.answer import Answer, Attempt, Draft, Mark, PictureReport, Trace
from annotator.models.audit import AuditRow, Notice
from annotator.models.gold import KnownAnswer
from annotator.models.hit import Assignment, Hit, HitType, Place
from annotator.models.jobs import Analysis, Run, Shard
from annotator.models.ledger import LedgerEntry, PayoutBatch
from annotator.models.network import Exemplar, Layer, Network, Unit
from annotator.models.people import (
    AccessKey,
    AccountSettings,
    Consent,
    ConsentGiven,
    Invitation,
    Membership,
    Role,
    Worker,
)
from annotator.models.publications import Publication
from annotator.models.recruitment import (
    AttentionCheck,
    CompletionCode,
    MarketLink,
    MarketSession,
    Outcome,
    Participant,
)
from annotator.models.reports import (
    ConceptMerge,
    MachineName,
    Preregistration,
    Snapshot,
    SnapshotRequest,
)
from annotator.models.reviews import AnswerReview, ProposedRejection, StudyReview, WorkerReview
from annotator.models.study import Image, Study
from annotator.models.worker_details import ClosingAnswer, WorkerDetails

__all__ = [
    "AccessKey",
    "AccountSettings",
    "Analysis",
    "Answer",
    "AnswerReview",
    "Assignment",
    "AttentionCheck",
    "Attempt",
    "AuditRow",
    "ClosingAnswer",
    "CompletionCode",
    "ConceptMerge",
    "Consent",
    "ConsentGiven",
    "Draft",
    "Exemplar",
    "Hit",
    "HitType",
    "Image",
    "Invitation",
    "KnownAnswer",
    "Layer",
    "LedgerEntry",
    "MachineName",
    "Mark",
    "MarketLink",
    "MarketSession",
    "Membership",
    "Network",
    "Notice",
    "Outcome",
    "Participant",
    "PayoutBatch",
    "PictureReport",
    "Place",
    "Preregistration",
    "Publication",
    "ProposedRejection",
    "Role",
    "Run",
    "Shard",
    "Snapshot",
    "SnapshotRequest",
    "Study",
    "StudyReview",
    "Trace",
    "Unit",
    "Worker",
    "WorkerDetails",
    "WorkerReview",
]
