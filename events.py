"""The events: `python events.py` tells staff what changes, as it happens. HOST and PORT say where it listens."""

from bot.cli.events import main

if __name__ == "__main__":
    main()
