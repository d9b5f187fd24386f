"""One HTTP request and its answer: connections, statuses, failures, and whether it was sent."""
