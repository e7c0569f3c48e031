"""Payment gateways: what may be asked of one, what it answers, what can go wrong."""
