"""Loan books that we ship: in memory, a folder of CSV files, US asset-level data, and the example book."""
