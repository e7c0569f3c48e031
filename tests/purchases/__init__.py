"""Purchases: money, tokens, and what customers see of it."""
