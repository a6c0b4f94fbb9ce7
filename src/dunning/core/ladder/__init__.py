"""How firm: the ladder, the situation of a loan, the case and how it advances."""
