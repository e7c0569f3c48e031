"""The network of meters."""
