"""Adapters of the domain's ports: whom we ask outside."""
