"""Who acts, in what order, with what state: users, coalitions, firms and the model they live in."""
