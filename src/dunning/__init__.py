"""Loan collections for lenders: how late, how firm, whom to contact, and when it is permitted."""
