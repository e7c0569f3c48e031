"""What happens around an invoice that isn't paid."""
