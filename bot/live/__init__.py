"""Live events: a process of its own tells staff what changes, as it happens."""
