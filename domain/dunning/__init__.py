"""What happens around an invoice that isn't paid: reminders, fees, instalments, and at last a disconnection."""
