"""What the status of a Decision reports."""
