"""How late: one status under one stated convention."""
