"""What each submission carries of its request: the lines its lender's rules let through."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from portal.funding.models import FundingLine, Submission, SubmissionLine
from portal.identity.models import Organisation

Findings = Sequence[Mapping[str, Any]]


def carry(
    session: Session,
    submission: Submission,
    lines: Sequence[FundingLine],
    left_out: Sequence[tuple[FundingLine, Findings]] = (),
) -> None:
    """Have a submission carry ``lines``, and remember which were left out and why.

    Its face and the summary its lender keeps are those of the lines carried, for good.
    """
    for line in lines:
        _add(session, submission, line)
    for line, findings in left_out:
        _add(session, submission, line, left_out=True, findings=[dict(one) for one in findings])
    submission.face_cents = sum(line.eligible_cents for line in lines)
    submission.summary = _summary(session, submission, lines, left_out)
    session.flush()


def _add(session: Session, submission: Submission, line: FundingLine, **told: Any) -> None:
    part = SubmissionLine(
        submission_id=submission.id,
        line_id=line.id,
        assignor_id=submission.assignor_id,
        lender_id=submission.lender_id,
        **told,
    )
    part.line = line
    submission.parts.append(part)
    session.add(part)


def _summary(
    session: Session,
    submission: Submission,
    lines: Sequence[FundingLine],
    left_out: Sequence[tuple[FundingLine, Findings]],
) -> dict[str, Any]:
    """The dossier as sent, in plain values; of what was left out, only by which rules."""
    request = submission.request
    assignor = session.get_one(Organisation, submission.assignor_id)
    return {
        "reference": request.reference,
        "currency": request.currency,
        "note": request.note,
        "assignor": {"name": assignor.legal_name, "siren": assignor.siren},
        "asked": len(lines) + len(left_out),
        "left_out": sorted({one["code"] for _, findings in left_out for one in findings}),
        "receivables": [_line_told(line) for line in lines],
    }


def _line_told(line: FundingLine) -> dict[str, Any]:
    receivable = line.receivable
    return {
        "number": receivable.number,
        "debtor": receivable.debtor.name,
        "siren": receivable.debtor.siren,
        "due_on": receivable.due_on.isoformat() if receivable.due_on else None,
        "face_cents": line.eligible_cents,
    }
