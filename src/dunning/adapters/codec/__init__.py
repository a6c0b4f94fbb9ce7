"""
Bytes to nouns and back: the only door to cattrs, tomllib and pendulum.

Nothing heavy is imported with this package: cattrs comes with the first value that is converted.
"""
