"""The `raseed` command."""
