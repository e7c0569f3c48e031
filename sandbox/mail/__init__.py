"""Catches the mails that the service sends, and shows them."""
