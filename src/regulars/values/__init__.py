"""What every room counts with: money, periods, zones, identifiers, the clock, and their neutral JSON form."""
