"""The ledger: double entry in integer minor units, which the database itself keeps in balance and never lets change.

`chart` names the accounts, `entries` says what an entry is, `posting` writes entries down and reverses them, `balances`
and `opening` read and begin the book, `verifying` proves it.
"""
