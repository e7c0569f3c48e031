"""Invoices: numbers, tax, documents and links."""
