"""What do we give? Prices, coupons, points, and offers that are scarce in time or number, safe under a rush."""
