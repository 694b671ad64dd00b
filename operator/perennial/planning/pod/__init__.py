"""What the pods of Jobs and of servers have in common."""
