"""Pictures of what is permitted: a week on the wall, and a person's contacts against their caps. Pure functions."""
