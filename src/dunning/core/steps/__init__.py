"""What falls due: steps of a cadence, and the touches they become."""
