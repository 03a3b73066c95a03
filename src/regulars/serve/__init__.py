"""What does a shopper meet? Lists of products and answers to a search, fresh to the last click and the last change of stock."""
