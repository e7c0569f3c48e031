"""Conversations as they should read: every flow, in both languages, on both channels."""
