"""Tables of labels for days that we ship, one TOML file each, with their sources."""
