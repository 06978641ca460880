"""Who is worth what, who is paid what, and how much leverage that is."""
