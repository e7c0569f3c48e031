"""`python -m bot.cli`: the `raseed` command where it is not installed."""

from bot.cli import main

main()
