"""Subsidies."""
