"""What the workers run, and the schedule."""
