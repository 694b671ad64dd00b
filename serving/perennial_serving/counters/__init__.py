"""Counting of rows, requests and feedback: exact, cheap, and safe from a worker's sudden end."""
