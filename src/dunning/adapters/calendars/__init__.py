"""
Holiday calendars: national ones from python-holidays, and what a lender states.

The only door to python-holidays, which is imported when the first calendar is made. What comes out are plain
`Calendar` values: the core never knows where days come from.
"""
