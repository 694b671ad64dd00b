"""Gathers what the plan of each kind depends on."""
