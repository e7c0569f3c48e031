"""Billing runs, as the service works them: batches with their messages, words of bills, and what the accountant reads.

`running` works a run, `batches` bills a batch, `dry` only reckons, `wording` says what lines are, `telling` writes to
the accountant.
"""
