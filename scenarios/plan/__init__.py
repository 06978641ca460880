"""Plan: how many people each lever takes to move a target, how sure that is, and what it costs."""
