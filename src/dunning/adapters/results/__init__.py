"""What a dialler's files look like: rows out for it, results back from it."""
