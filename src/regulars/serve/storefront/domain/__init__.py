"""What a browser may know, the tokens by which a customer is believed, and pages that need no script."""
