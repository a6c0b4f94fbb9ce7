"""What a loan book of tables states, read as Arrow columns, without objects: values, doubts, digests, blocks."""
