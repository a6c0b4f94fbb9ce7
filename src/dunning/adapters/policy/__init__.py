"""The policy document: what a lender decides, in one signed, dated, checked TOML file."""
