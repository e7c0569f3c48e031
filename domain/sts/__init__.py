"""The token engine of prepayment meters (IEC 62055-41): pure functions and types, no input or output.

`decoder_keys` makes a meter's key, `ciphers` the cipher under it, `tokens` turns what a token says (`credit`,
`meter_tests`, `management`, `key_change`) into 20 digits and back. It imports nothing else of ours.
"""
