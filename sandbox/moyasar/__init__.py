"""Emulates Moyasar: its HTTP API, its payment page, its notices, and a bank that pays SADAD bills."""
