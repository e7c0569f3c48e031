"""Subscriptions: every second is accounted for."""
