"""What the outside tells us."""
