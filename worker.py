"""The workers: `python worker.py` runs all queues and the schedule; `--queues` narrows it."""

from bot.cli.worker import main

if __name__ == "__main__":
    main()
