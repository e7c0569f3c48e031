"""Chaos: everything that can be killed is killed while messages go out and people write, and then it is counted.

The outside world (the sandbox) is never killed: what it says reached a phone is what reached a phone.
"""
