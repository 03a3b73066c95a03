"""What a shopper meets: recommendations, and in time search, support and surveys."""
