"""Statements for people: text tables over a book, nothing is ever written into it."""

from ledgerlite.reports.statements import balance_sheet, cash_flow, income_statement, trial_balance

__all__ = ["balance_sheet", "cash_flow", "income_statement", "trial_balance"]
