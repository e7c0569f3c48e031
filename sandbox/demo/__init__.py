"""The demo: everything started, watched over, and stopped again."""
