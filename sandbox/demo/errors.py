"""What can go wrong with the demo."""


class DemoError(Exception):
    """The demo can't run. The message says why; its first line is enough."""
