"""Scripts of bookkeeping steps, and approval of them by a second person."""

from ledgerlite.workflow.actions import run_script, run_step
from ledgerlite.workflow.approvals import ApprovalDesk

__all__ = ["ApprovalDesk", "run_script", "run_step"]
