"""The outside world in a box: what the service talks to in the demo and in tests, over the real protocols."""
