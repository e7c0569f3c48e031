"""Token vendors: the embedded one, the one behind HTTP, and the sandbox's."""
