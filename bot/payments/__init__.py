"""Carrying payments: gateways are asked, money is settled, and people are told."""
