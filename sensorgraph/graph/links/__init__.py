"""Links between nodes: structural ones, user-supplied ones, and candidate pairs."""
