"""The conversations: an engine, and one file per flow that reads like its script."""
