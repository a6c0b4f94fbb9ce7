"""The arithmetic of the core over columns: Arrow in, Arrow out. Needs the extra `arrow`; overdue status `portfolio`."""
