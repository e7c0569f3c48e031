"""Documents as PDF, in Arabic and English.

`fonts` and `shaping` turn text into glyphs, `pdf` writes pages of them, `page` knows where a line starts in either
language, `invoice` draws the invoice.
"""
