"""Billing: what meters counted, charged by tariffs, in runs that can be repeated."""
