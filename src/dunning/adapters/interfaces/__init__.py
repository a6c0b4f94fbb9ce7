"""What an adapter promises: one Protocol a file."""
